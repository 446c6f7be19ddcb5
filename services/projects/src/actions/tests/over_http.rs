//! The service as the gateway reaches it: pages and API, with a caller token.

use std::time::Duration;

use axum::{Router, body::Body};
use base::{Caller, Id};
use crypto::{CallerTokens, Keyring, Secret, caller_token::CALLER_HEADER, token};
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use web::{Kit, KitParts};

use super::house::{House, caller};
use crate::{
    Parts, demo,
    model::{cycle::Policy, life::Action},
};

pub(super) struct Site {
    router: Router,
    keyring: Keyring,
    tokens: CallerTokens,
    pub(super) house: House,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: String,
    etag: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.body))
    }
}

impl Site {
    pub(super) async fn new() -> Self {
        let house = House::new(Policy::default()).await;
        let keyring = Keyring::from_secret(&Secret::new("k".repeat(43))).unwrap();
        let parts = KitParts { ambient: house.db.ambient().clone(), keyring: &keyring, tenants: None };
        let kit = Kit::new(web::Settings::default(), parts, &[&crate::SITE]).unwrap();
        let service = crate::service(Parts { db: house.db.clone(), keyring: keyring.clone() });
        Self { router: kit.mount(service), tokens: CallerTokens::new(&keyring), keyring, house }
    }

    pub(super) async fn send(&self, caller: &Caller, mut request: Request<Body>) -> Answer {
        let until = self.house.db.ambient().now() + Duration::from_mins(1);
        let headers = request.headers_mut();
        headers.insert(CALLER_HEADER, self.tokens.seal(caller, until).unwrap().parse().unwrap());
        headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let text = |name| {
            let value: Option<&http::HeaderValue> = response.headers().get(name);
            value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (status, location, etag) = (response.status(), text(header::LOCATION), text(header::ETAG));
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, location, etag, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub(super) async fn get(&self, caller: &Caller, path: &str, language: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, format!("fpms_language={language}"));
        self.send(caller, request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post_form(&self, caller: &Caller, path: &str, body: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(caller, request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(super) async fn post(&self, caller: &Caller, path: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
        let mut request =
            Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(caller, request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Sends JSON, or nothing, by any method, on a version if one is given.
    pub(super) async fn change(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<Value>,
        version: &str,
    ) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = if version.is_empty() { request } else { request.header(header::IF_MATCH, version) };
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(text));
        self.send(caller, request.unwrap()).await
    }

    /// A ticket as the files service gives it.
    fn ticket(&self, caller: &Caller, number: u8) -> String {
        self.ticket_of(caller, number, "pdf")
    }

    fn ticket_of(&self, caller: &Caller, number: u8, kind: &str) -> String {
        let claims = json!({
            "file": crate::model::ids::FileId::from_u128(u128::from(number)),
            "name": format!("ບົດ-{number}.pdf"),
            "size_bytes": 1_000,
            "sha256": format!("{number:02x}").repeat(32),
            "kind": kind,
            "person": caller.person_id().unwrap(),
        });
        let until = self.house.db.ambient().now() + Duration::from_hours(1);
        token::seal(&self.keyring.key("upload-ticket"), &claims, until).unwrap()
    }
}

#[tokio::test]
async fn every_page_renders_for_its_readers_in_both_languages() {
    let site = Site::new().await;
    let tenant = site.house.other_tenant;
    let seeded = demo::seed(&site.house.db, tenant).await.unwrap();
    let role = |person: &demo::DemoPerson, role: &str| caller(tenant, person.id.uuid().as_u128(), role);
    let student = role(&seeded.student, "student");
    let supervisor = role(&seeded.supervisor, "supervisor");
    let coordinator = role(&seeded.coordinator, "coordinator");

    let project =
        site.get(&student, "/api/v1/projects", "en").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let whole = site.get(&student, &format!("/api/v1/projects/{project}"), "en").await.json();
    let milestone = whole["milestones"][1]["id"].as_str().unwrap().to_owned();
    let submission = whole["submissions"][0]["id"].as_str().unwrap().to_owned();
    let topic = whole["topic"].as_str().unwrap().to_owned();
    let templates = site.get(&coordinator, "/api/v1/templates", "en").await.json();
    let template = templates["items"][0]["id"].as_str().unwrap().to_owned();
    let proposed = site.get(&supervisor, "/api/v1/projects?state=proposed", "en").await.json();
    let proposed = proposed["items"][0]["id"].as_str().map(ToOwned::to_owned);

    let mut visits = vec![
        (&student, "/".to_owned()),
        (&student, "/topics?state=open&q=rice&sort=title".to_owned()),
        (&student, format!("/topics/{topic}")),
        (&student, "/propose".to_owned()),
        (&student, "/projects".to_owned()),
        (&student, format!("/projects/{project}")),
        (&student, format!("/projects/{project}/final")),
        (&student, format!("/projects/{project}/steps/withdraw")),
        (&student, format!("/milestones/{milestone}")),
        (&student, format!("/receipts/{submission}")),
        (&supervisor, "/".to_owned()),
        (&supervisor, "/supervision".to_owned()),
        (&supervisor, "/topics/new".to_owned()),
        (&coordinator, format!("/topics/{topic}/change")),
        (&supervisor, format!("/milestones/{milestone}")),
        (&coordinator, "/overview".to_owned()),
        (&coordinator, "/projects?state=active".to_owned()),
        (&coordinator, "/cycles/new".to_owned()),
        (&coordinator, "/milestone-templates".to_owned()),
        (&coordinator, "/milestone-templates/new".to_owned()),
        (&coordinator, format!("/milestone-templates/{template}/rename")),
        (&coordinator, format!("/milestone-templates/{template}/delete")),
        (&coordinator, format!("/projects/{project}")),
    ];
    visits.extend(proposed.iter().map(|id| (&supervisor, format!("/projects/{id}/changes"))));
    let tasks = site.get(&student, "/", "lo").await.body;
    let local = whole["title_local"].as_str().unwrap();
    assert!(tasks.contains(&format!("{local}: ")), "a task is told in the reader's language: {tasks}");
    for language in ["en", "lo"] {
        for (reader, path) in &visits {
            let page = site.get(reader, path, language).await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
            let untranslated =
                page.body.match_indices("projects-").map(|(at, _)| &page.body[at..page.body.len().min(at + 60)]);
            assert_eq!(untranslated.collect::<Vec<_>>(), Vec::<&str>::new(), "{path} in {language}");
        }
    }
}

#[tokio::test]
async fn the_walk_goes_through_the_api() {
    let site = Site::new().await;
    let house = &site.house;
    let ana = house.student(1).await;
    let topic = house.topic(2).await;
    let new = json!({
        "cycle": house.cycle, "topic": topic, "title_en": "River levels by camera",
        "summary": "Cameras at three bridges read the water level every five minutes, and a model learns what is normal.",
    });
    let key = [("idempotency-key", "one")];
    let made = site.post(&ana, "/api/v1/projects", new.clone(), &key).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    // The same request again has the same answer and no second effect.
    assert_eq!(site.post(&ana, "/api/v1/projects", new, &key).await.json(), made.json());
    let other = site.post(&ana, "/api/v1/projects", json!({"cycle": house.cycle, "title_en": "Another"}), &key).await;
    assert_eq!(other.json()["detail"], "the idempotency key was used for another request");
    let project = made.location.clone();

    let wish = json!({"requests": ["Name the cameras"]});
    let stale = site
        .post(&house.supervisor, &format!("{project}/change-requests"), wish.clone(), &[("if-match", "\"v1\"")])
        .await;
    assert_eq!((stale.status, stale.json()["code"].as_str()), (StatusCode::PRECONDITION_FAILED, Some("PRJ-004")));
    let asked = site.post(&house.supervisor, &format!("{project}/change-requests"), wish, &[]).await;
    assert_eq!((asked.status, asked.etag.as_str()), (StatusCode::OK, "\"v3\""));
    let early = site.post(&house.supervisor, &format!("{project}/approval"), json!({}), &[]).await.json();
    assert_eq!(
        (early["code"].as_str(), &early["reason"], &early["legal"]),
        (Some("PRJ-003"), &json!(["state"]), &json!([]))
    );

    let version = json!({
        "title_en": "River levels by cameras",
        "summary": "Cameras at three bridges read the water level every five minutes, and a model learns what is normal.",
        "answers": [{"position": 1, "answer": "They are named in section 2"}],
    });
    assert_eq!(site.post(&ana, &format!("{project}/proposals"), version, &[]).await.status, StatusCode::OK);
    assert_eq!(
        site.post(&house.supervisor, &format!("{project}/approval"), json!({}), &[]).await.status,
        StatusCode::OK
    );
    let start = json!({"action": Action::Start});
    assert_eq!(site.post(&house.supervisor, &format!("{project}/steps"), start, &[]).await.status, StatusCode::OK);

    let whole = site.get(&ana, &project, "en").await.json();
    a_program_is_not_taken(&site, &ana, whole["milestones"][0]["id"].as_str().unwrap()).await;
    for (number, milestone) in (1..).zip(whole["milestones"].as_array().unwrap()) {
        let path = format!("/api/v1/milestones/{}", milestone["id"].as_str().unwrap());
        let hand_in = json!({"ticket": site.ticket(&ana, number)});
        let receipt = site.post(&ana, &format!("{path}/submissions"), hand_in, &[]).await;
        assert_eq!(receipt.status, StatusCode::CREATED, "{}", receipt.body);
        let review = site.post(&house.supervisor, &format!("{path}/reviews"), json!({"action": "approve"}), &[]).await;
        assert_eq!(review.json()["state"], "approved");
    }
    let program = json!({"ticket": site.ticket_of(&ana, 9, "other"), "declarations": ["own_work", "sources_named"]});
    let refused = site.post(&ana, &format!("{project}/final"), program, &[]).await.json();
    assert_eq!(refused["errors"][0]["reason"], "file_type");
    let stolen = json!({"ticket": site.ticket(&house.supervisor, 9), "declarations": ["own_work", "sources_named"]});
    assert_eq!(site.post(&ana, &format!("{project}/final"), stolen, &[]).await.json()["code"], "PRJ-009");
    let work = json!({"ticket": site.ticket(&ana, 9), "declarations": ["own_work", "sources_named"]});
    let receipt = site.post(&ana, &format!("{project}/final"), work, &[]).await;
    assert_eq!(receipt.status, StatusCode::CREATED, "{}", receipt.body);
    assert_eq!(receipt.json()["sha256"], "09".repeat(32));
    let history = site.get(&ana, &format!("{project}/history"), "en").await.json();
    let own = history["items"].as_array().unwrap().iter().filter(|step| step["milestone"].is_null());
    let states: Vec<_> = own.map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(states, ["proposed", "changes_requested", "proposed", "approved", "active", "submitted"]);
    nobody_is_asked_for_what_cannot_be_done_yet(&site, &ana, &project).await;
}

/// Neither by API nor by page; the page keeps the person in the form, with what is wrong with the file.
async fn a_program_is_not_taken(site: &Site, member: &Caller, milestone: &str) {
    let ticket = site.ticket_of(member, 50, "other");
    let hand_in = json!({"ticket": ticket});
    let refused = site.post(member, &format!("/api/v1/milestones/{milestone}/submissions"), hand_in, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["reason"], "file_type");
    let path = format!("/milestones/{milestone}");
    for asked in
        [format!("{path}?ticket={ticket}"), format!("{path}?refused=too_large"), format!("{path}?refused=%3Cb%3E")]
    {
        let page = site.get(member, &asked, "en").await;
        assert!(page.body.contains(&format!("action=\"/files?then={path}\"")), "{asked}: {}", page.body);
        assert!(page.body.contains("Taken are: PDF, office documents, images, archives, text and source code."));
        assert_eq!(page.body.contains("f-file-wrong"), !asked.contains('%'), "{asked}: {}", page.body);
    }
    let posted = site.post_form(member, &format!("{path}/submit"), &format!("ticket={ticket}")).await;
    assert_eq!(posted.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(posted.body.contains("f-file-wrong"), "{}", posted.body);
    let whole = site.get(member, &format!("/api/v1/milestones/{milestone}"), "en").await.json();
    assert_eq!(whole["accepts"], json!(["pdf", "document", "image", "archive", "text"]));
}

/// The state table has a step; no list and no page offers it, and the API says why it is refused.
async fn nobody_is_asked_for_what_cannot_be_done_yet(site: &Site, member: &Caller, project: &str) {
    let coordinator = &site.house.coordinator;
    let tasks = site.get(coordinator, "/api/v1/tasks", "en").await.json();
    assert_eq!(tasks["items"], json!([]));
    assert_eq!(site.get(coordinator, project, "en").await.json()["acts_next"], json!([]));
    for reader in [coordinator, member] {
        let page = site.get(reader, project.trim_start_matches("/api/v1"), "en").await.body;
        assert!(!page.contains("Admit") && !page.contains("waits for this"), "{page}");
        assert!(page.contains("are not kept in this system yet"), "{page}");
    }
    let admit = site.post(coordinator, &format!("{project}/steps"), json!({"action": "admit"}), &[]).await;
    assert_eq!((admit.status, admit.json()["code"].as_str()), (StatusCode::CONFLICT, Some("PRJ-003")));
    assert_eq!(admit.json()["reason"], json!(["similarity_cleared", "committee_complete"]));
}

#[tokio::test]
async fn the_walk_goes_through_the_pages() {
    let site = Site::new().await;
    let house = &site.house;
    let ana = house.student(1).await;
    let topic = house.topic(2).await;
    let form = format!("cycle={}&topic={topic}&title_en=Rivers&summary={}", house.cycle, "long+enough+".repeat(9));
    let short = site.post_form(&ana, "/propose", &form.replace("long+enough+", "")).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.body.contains("value=\"Rivers\""), "what was typed is kept");
    let made = site.post_form(&ana, "/propose", &form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let project = made.location;
    let early = site.get(&ana, &format!("{project}/resubmit"), "en").await.body;
    assert!(early.contains("This step is not possible now") && !early.contains("f-summary"), "{early}");
    for (path, form, field) in
        [("changes", "version=2&requests=+", "requests"), ("steps/reject", "version=2&reason=+", "reason")]
    {
        let silent = site.post_form(&house.supervisor, &format!("{project}/{path}"), form).await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", silent.body);
        assert!(silent.body.contains(&format!("f-{field}-wrong")), "{}", silent.body);
    }
    let changes =
        site.post_form(&house.supervisor, &format!("{project}/changes"), "version=2&requests=One%0ATwo").await;
    assert_eq!(changes.location, project);
    // What is refused says so in the reader's words, and to programs in stable ones.
    let early = site.post_form(&house.supervisor, &format!("{project}/steps/start"), "version=3").await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(
        early.body.contains("“Start” is not possible in the state “Changes requested”: it waits for another state")
    );
    let request = Request::post(format!("{project}/approve")).header(header::COOKIE, "fpms_language=lo");
    let page = site.send(&house.supervisor, request.body(Body::empty()).unwrap()).await.body;
    assert!(page.contains("“ອະນຸມັດ” ໃນສະຖານະ “ຂໍໃຫ້ແກ້ໄຂ”") && page.contains("ເລືອກຂັ້ນຕອນໃນລາຍການ"), "{page}");
    assert!(!page.contains("changes_requested") && !page.contains("does not allow this step"), "{page}");
    let twice = site.get(&house.supervisor, &format!("{project}/changes"), "en").await.body;
    assert!(twice.contains("This step is not possible now") && !twice.contains("f-requests"), "{twice}");
    let resubmit = format!("{project}/resubmit");
    assert!(site.get(&ana, &project, "en").await.body.contains(&resubmit), "the project leads to the form");
    assert!(site.get(&ana, &resubmit, "en").await.body.contains("f-summary"));
    let again =
        format!("version=3&again=on&title_en=Rivers&summary={}&position=1&position=2&done=1", "long+enough+".repeat(9));
    let half = site.post_form(&ana, &format!("{project}/resubmit"), &format!("{again}&answer-1=&answer-2=")).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", half.body);
    assert!(half.body.contains("f-answer-2-wrong") && !half.body.contains("f-answer-1-wrong"), "{}", half.body);
    let whole =
        site.post_form(&ana, &format!("{project}/resubmit"), &format!("{again}&answer-1=&answer-2=Because")).await;
    assert_eq!(whole.location, project, "{}", whole.body);
    assert_eq!(site.post_form(&house.supervisor, &format!("{project}/approve"), "").await.location, project);
    let start = site.post_form(&house.supervisor, &format!("{project}/steps/start"), "version=5").await;
    assert_eq!(start.location, project, "{}", start.body);
    let page = site.get(&ana, &project, "en").await;
    assert!(page.body.contains("Interim report"), "{}", page.body);
}
