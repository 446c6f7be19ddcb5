//! The way through the import page, as a browser without scripts goes it.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use base::{Ambient, Caller, Clock, Grant, Id, PersonId, RequestId, Scope, TenantId, Timestamp, caller::Person};
use cohort::{Cohort, Size};
use crypto::{CallerTokens, Keyring, SystemRandom, caller_token::CALLER_HEADER};
use storage::{NewTenant, Settings, Storage};
use tower::ServiceExt;

use crate::Parts;

const BOUNDARY: &str = "b0undary";
const SIZE: Size = Size { students: 120, supervisors: 12, topics: 30 };

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2027-03-01T05:00:00Z".parse().unwrap()
    }
}

struct Browser {
    _folder: tempfile::TempDir,
    router: Router,
    keyring: Keyring,
    coordinator: Caller,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn location(&self) -> String {
        self.headers.get(header::LOCATION).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }
}

impl Browser {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ambient = Ambient::new(Arc::new(Noon), Arc::new(SystemRandom));
        let storage = Storage::open(Settings::embedded(folder.path()), ambient.clone()).await.unwrap();
        let new = NewTenant {
            slug: "uni".to_owned(),
            name: "University".to_owned(),
            name_local: String::new(),
            language: "en".to_owned(),
            zone: "Asia/Vientiane".to_owned(),
            domains: Vec::new(),
        };
        let tenant = storage.directory().create(new).await.unwrap().id;
        let db = storage.database("projects", &[messaging::SCHEMA, audit::SCHEMA, crate::schema()]).await.unwrap();
        let keyring = Keyring::from_secret(&"k".repeat(43).into()).unwrap();
        let parts = web::KitParts { ambient, keyring: &keyring, tenants: None };
        let kit = web::Kit::new(web::Settings::default(), parts, &[&crate::SITE]).unwrap();
        let router = kit.mount(crate::service(Parts { db, keyring: keyring.clone() }));
        Self { _folder: folder, router, keyring, coordinator: person(tenant, "coordinator") }
    }

    async fn send(&self, request: axum::http::request::Builder, body: impl Into<Body>) -> Answer {
        let token = CallerTokens::new(&self.keyring).seal(&self.coordinator, Noon.now() + Duration::from_mins(1));
        let request = request.header(CALLER_HEADER, token.unwrap()).header("sec-fetch-site", "same-origin");
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.send(Request::post(path).header(header::CONTENT_TYPE, kind), form.to_owned()).await
    }

    async fn upload(&self, path: &str, files: &[(String, String)]) -> Answer {
        let part = |(name, text): &(String, String)| {
            let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{name}\"");
            format!("--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n")
        };
        let body = files.iter().map(part).collect::<String>() + &format!("--{BOUNDARY}--\r\n");
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(Request::post(path).header(header::CONTENT_TYPE, kind), body).await
    }

    /// Looks at an import until it has ended.
    async fn ended(&self, path: &str) -> Answer {
        loop {
            let answer = self.get(path).await;
            if !answer.headers.contains_key(header::REFRESH) {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    }
}

fn person(tenant: TenantId, role: &str) -> Caller {
    let grant = Grant { role: role.to_owned(), scope: Scope::Tenant, from: Timestamp::EPOCH, until: Timestamp::MAX };
    let person = Person {
        id: PersonId::from_u128(900),
        name: "Noy".to_owned(),
        language: "en".to_owned(),
        grants: vec![grant],
        credential: PersonId::from_u128(4).uuid(),
        scopes: None,
    };
    Caller::person(tenant, person, RequestId::from_u128(9))
}

fn files(cohort: &Cohort) -> Vec<(String, String)> {
    cohort.files.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect()
}

#[tokio::test]
async fn files_are_looked_at_decided_on_and_imported() {
    let browser = Browser::new().await;
    assert!(browser.get("/import").await.text.contains("multipart/form-data"));
    let cohort = Cohort::make(8, SIZE, true);
    let staged = browser.upload("/import", &files(&cohort)).await;
    assert_eq!(staged.status, StatusCode::SEE_OTHER, "{}", staged.text);
    let path = staged.location();
    let review = browser.get(&path).await;
    assert_eq!(review.status, StatusCode::OK, "{}", review.text);
    assert!(review.text.contains("outside what is allowed"), "{}", review.text);
    assert!(review.text.contains(&format!("action=\"{path}/discard\"")), "{}", review.text);
    let refused = browser.get(&format!("{path}/refused.csv")).await.text;
    assert_eq!(refused.lines().count(), cohort.faults.len() + 1);
    let confirmed = browser.post(&format!("{path}/confirm"), "mode=good_rows").await;
    assert_eq!(confirmed.location(), path);
    let result = browser.ended(&path).await;
    assert!(result.text.contains("rows were imported"), "{}", result.text);
    assert_eq!(browser.post(&format!("{path}/confirm"), "mode=good_rows").await.status, StatusCode::CONFLICT);
    let students = browser.get("/export/students.csv").await;
    let faults = cohort.faults.iter().filter(|fault| fault.file == "students.csv").count();
    assert_eq!(students.text.lines().count(), 121 - faults);
    assert!(browser.get("/export/topics.xlsx").await.status.is_success());
    assert!(browser.get("/export/projects.csv").await.text.contains("project_no"));
}

#[tokio::test]
async fn columns_with_strange_names_are_settled_by_hand() {
    let browser = Browser::new().await;
    let file = ("list.csv".to_owned(), "Raum,Plätze\nR1,30\nR2,0".to_owned());
    let path = browser.upload("/import", &[file]).await.location();
    let unknown = browser.get(&path).await.text;
    assert!(unknown.contains("cannot be told") && !unknown.contains("/confirm"), "{unknown}");
    browser.post(&format!("{path}/columns"), "kind-0-0=rooms").await;
    let missing = browser.get(&path).await.text;
    assert!(missing.contains("lacks the column `room`"), "{missing}");
    let lao = browser.send(Request::get(&path).header(header::COOKIE, "fpms_language=lo"), Body::empty()).await.text;
    assert!(lao.contains("ຂາດຖັນ `room`") && !lao.contains("lacks"), "{lao}");
    browser.post(&format!("{path}/columns"), "kind-0-0=rooms&column-0-0-0=room&column-0-0-1=seats").await;
    let settled = browser.get(&path).await.text;
    assert!(settled.contains("/confirm") && settled.contains("One row is wrong"), "{settled}");
    browser.post(&format!("{path}/confirm"), "mode=all_or_nothing").await;
    let ended = browser.ended(&path).await.text;
    assert!(
        ended.contains("Nothing was imported: one row was refused") && !ended.contains("Files to import"),
        "{ended}"
    );
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named_and_not_kept() {
    let browser = Browser::new().await;
    let file = ("rooms.xlsx".to_owned(), "PK\u{3}\u{4} broken".to_owned());
    let refused = browser.upload("/import", &[file]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("rooms.xlsx") && refused.text.contains("not a workbook"), "{}", refused.text);
    assert_eq!(refused.text.matches("error-summary").count(), 1, "{}", refused.text);
    let none = browser.upload("/import", &[]).await;
    assert_eq!((none.status, none.text.matches("error-summary").count()), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    assert!(browser.get("/import").await.text.contains("Nothing was imported yet"));
}

#[tokio::test]
async fn an_import_that_waits_can_be_discarded() {
    let browser = Browser::new().await;
    let path = browser.upload("/import", &files(&Cohort::make(9, SIZE, false))).await.location();
    assert_eq!(browser.post(&format!("{path}/discard"), "").await.location(), "/import");
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_api_tries_imports_and_refuses() {
    let browser = Browser::new().await;
    let cohort = Cohort::make(10, SIZE, true);
    let tried = browser.upload("/api/v1/imports?dry_run=true", &files(&cohort)).await;
    let tried: serde_json::Value = serde_json::from_str(&tried.text).unwrap();
    assert_eq!(
        (&tried["outcome"], tried["refusals"].as_array().unwrap().len()),
        (&"dry_run".into(), cohort.faults.len())
    );
    let refused = browser.upload("/api/v1/imports", &files(&cohort)).await;
    let problem: serde_json::Value = serde_json::from_str(&refused.text).unwrap();
    assert_eq!((refused.status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &"IMP-005".into()));
    assert_eq!(problem["errors"].as_array().unwrap().len(), cohort.faults.len());
    let imported = browser.upload("/api/v1/imports?mode=good_rows", &files(&cohort)).await;
    assert_eq!(imported.status, StatusCode::CREATED, "{}", imported.text);
    let refusals = browser.get(&format!("{}/refusals", imported.location())).await;
    let refusals: serde_json::Value = serde_json::from_str(&refusals.text).unwrap();
    assert_eq!(refusals["items"].as_array().unwrap().len(), cohort.faults.len());
    let listed = browser.get("/api/v1/imports").await;
    assert_eq!(listed.text.matches("\"state\"").count(), 2);
}

#[tokio::test]
async fn an_export_of_topics_that_are_for_everybody_comes_back() {
    let browser = Browser::new().await;
    let cohort = Cohort::make(11, SIZE, true);
    assert_eq!(browser.upload("/api/v1/imports?mode=good_rows", &files(&cohort)).await.status, StatusCode::CREATED);
    let header = "topic_no,title_en,supervisor_no,programmes,capacity";
    let supervisors = browser.get("/export/supervisors.csv").await.text;
    let supervisor = supervisors.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let open = ("topics.csv".to_owned(), format!("{header}\nT-9001,For everybody,{supervisor},,1"));
    let added = browser.upload("/api/v1/imports", &[open]).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let exported = browser.get("/export/topics.csv").await.text;
    assert!(exported.contains("T-9001,For everybody,"), "{exported}");
    let again = browser.upload("/api/v1/imports?dry_run=true", &[("topics.csv".to_owned(), exported)]).await;
    let report: serde_json::Value = serde_json::from_str(&again.text).unwrap();
    assert_eq!(report["refusals"], serde_json::json!([]), "{report}");
}
