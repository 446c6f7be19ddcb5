//! What people and programs are answered.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use base::{Caller, Grant, Scope, Timestamp, caller::Person};
use crypto::{CallerTokens, Keyring, caller_token::CALLER_HEADER};

use crate::jobs::tests::{Campus, STUDENT, SUPERVISOR};

struct Browser {
    router: axum::Router,
    token: String,
}

impl Browser {
    fn new(campus: &Campus, caller: &Caller) -> Self {
        let keyring = Keyring::from_secret(&"k".repeat(43).into()).unwrap();
        let ambient = campus.elsewhere.ambient().clone();
        let until = ambient.now() + Duration::from_mins(1);
        let parts = web::KitParts { ambient, keyring: &keyring, tenants: None };
        let kit = web::Kit::new(web::Settings::default(), parts, &[&crate::SITE]).unwrap();
        let token = CallerTokens::new(&keyring).seal(caller, until).unwrap();
        Self { router: kit.mount(crate::service(campus.notifications.clone())), token }
    }

    async fn ask(&self, request: http::request::Builder, body: &str) -> (StatusCode, String) {
        let request = request.header(CALLER_HEADER, &self.token).body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        self.ask(Request::get(path), "").await
    }

    async fn post(&self, path: &str, body: &str) -> StatusCode {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.ask(request, body).await.0
    }
}

fn administrator(campus: &Campus) -> Caller {
    let person = campus.person(STUDENT).as_person().unwrap().clone();
    let grant = Grant {
        role: "administrator".to_owned(),
        scope: Scope::Tenant,
        from: Timestamp::EPOCH,
        until: "2100-01-01T00:00:00Z".parse().unwrap(),
    };
    let person = Person { grants: vec![grant], language: "en".to_owned(), ..person };
    Caller::person(campus.tenant, person, campus.elsewhere.ambient().id())
}

#[tokio::test]
async fn a_list_shows_what_is_new_and_marks_it_read() {
    let campus = Campus::new().await;
    let browser = Browser::new(&campus, &campus.person(SUPERVISOR));
    assert!(browser.get("/notifications").await.1.contains("ຍັງບໍ່ມີການແຈ້ງເຕືອນ"));
    campus.submitted().await;
    let (status, page) = browser.get("/notifications?show=unread").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("ຖືກສົ່ງແລ້ວ ແລະ ລໍຖ້າການຕັດສິນຂອງທ່ານ"), "{page}");
    let id = campus.told(SUPERVISOR).await[0].id;
    assert_eq!(browser.post("/notifications/read", &format!("once=a&id={id}")).await, StatusCode::SEE_OTHER);
    assert!(campus.told(SUPERVISOR).await[0].read_at.is_some());
    assert_eq!(browser.post("/notifications/read", "once=b").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn programs_read_and_mark_too() {
    let campus = Campus::new().await;
    campus.submitted().await;
    let browser = Browser::new(&campus, &campus.person(SUPERVISOR));
    let (_, json) = browser.get("/api/v1/notifications?unread=true").await;
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(list["items"][0]["kind"], "proposal-submitted");
    let path = format!("/api/v1/notifications/{}/read", list["items"][0]["id"].as_str().unwrap());
    assert_eq!(browser.post(&path, "").await, StatusCode::NO_CONTENT);
    let stranger = Browser::new(&campus, &campus.person(STUDENT));
    assert_eq!(stranger.post(&path, "").await, StatusCode::NOT_FOUND);
    assert_eq!(browser.post("/api/v1/notifications/read", "").await, StatusCode::OK);
}

#[tokio::test]
async fn templates_are_shown_to_administrators_alone() {
    let campus = Campus::new().await;
    let student = Browser::new(&campus, &campus.person(STUDENT));
    assert_eq!(student.get("/notifications/templates").await.0, StatusCode::FORBIDDEN);
    let browser = Browser::new(&campus, &administrator(&campus));
    let (status, page) = browser.get("/notifications/templates").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("/notifications/templates/password-reset"), "{page}");
    let (status, page) = browser.get("/notifications/templates/changes-requested").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Tick each item off") && page.contains("ກະລຸນາໝາຍແຕ່ລະລາຍການ"), "{page}");
    let (status, page) = browser.get("/notifications/templates/nothing").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("NTF-002"), "{page}");
}
