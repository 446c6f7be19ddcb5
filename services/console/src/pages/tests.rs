//! The console's pages over real databases, for an administrator and for those who are none.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use futures_util::FutureExt;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use uuid::Uuid;

use base::{Caller, Event, Grant, PersonId, Scope, TenantId, Timestamp, caller::Person};
use contracts::events::files::FileStored;
use crypto::{CallerTokens, Keyring, caller_token::CALLER_HEADER};
use mesh::{Discovery, Node, NodeId};
use messaging::{Consumer, Journal, Messaging};
use runtime::testing::{FakeClock, ambient};
use storage::{Database, NewTenant, Storage};

use crate::{Console, NodeCard, Parts};

struct Desk {
    folder: tempfile::TempDir,
    database: Database,
    tenant: TenantId,
    other_tenant: TenantId,
    console: Console,
    messaging: Messaging,
    clock: FakeClock,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = FakeClock::at("2027-06-01T09:00:00Z".parse().unwrap());
        let storage = Storage::open(storage::Settings::embedded(folder.path()), ambient(&clock, 5)).await.unwrap();
        let tenant = storage.directory().create(university("uni")).await.unwrap().id;
        let other_tenant = storage.directory().create(university("other")).await.unwrap().id;
        let database = storage.database("shop", &[messaging::SCHEMA, audit::SCHEMA]).await.unwrap();
        let bus = Arc::new(Journal::open(&storage).await.unwrap());
        let refuses = Consumer::new("shop.files").attempts(1).on(|_: &mut storage::Tx, _: FileStored| {
            async { Err::<(), _>(std::io::Error::other("the shelf is full")) }.boxed()
        });
        let messaging = Messaging::new(bus.clone()).with(database.clone(), vec![refuses]);
        let discovery = Discovery::fixed([Node::new(NodeId::from_u128(1), "shop", "127.0.0.1:81".parse().unwrap())]);
        let console = Console::new(Parts {
            services: vec![database.clone()],
            bus,
            consumers: vec!["shop.files"],
            nodes: Arc::new(move || NodeCard::all(&discovery)),
            mails: Some(folder.path().join("mails")),
        });
        Self { folder, database, tenant, other_tenant, console, messaging, clock }
    }

    fn person(&self, tenant: TenantId, role: &str) -> Caller {
        let grant = Grant {
            role: role.to_owned(),
            scope: Scope::Tenant,
            from: Timestamp::EPOCH,
            until: "2100-01-01T00:00:00Z".parse().unwrap(),
        };
        let person = Person {
            id: PersonId::from_u128(1),
            name: "Ana".to_owned(),
            language: "en".to_owned(),
            grants: vec![grant],
            credential: Uuid::nil(),
            scopes: None,
        };
        Caller::person(tenant, person, self.database.ambient().id())
    }

    fn browser(&self, tenant: TenantId, role: &str) -> Browser {
        let keyring = Keyring::from_secret(&"k".repeat(43).into()).unwrap();
        let ambient = self.database.ambient().clone();
        let until = ambient.now() + Duration::from_mins(1);
        let parts = web::KitParts { ambient, keyring: &keyring, tenants: None };
        let kit = web::Kit::new(web::Settings::default(), parts, &[&crate::SITE]).unwrap();
        let token = CallerTokens::new(&keyring).seal(&self.person(tenant, role), until).unwrap();
        let service = crate::service(self.console.clone());
        let codes = &[crate::CODES, messaging::CODES];
        let service = crate::service_with_reference(self.console.clone(), &service.openapi, codes);
        Browser { router: kit.mount(service), token }
    }

    /// Lets an event die.
    async fn give_up(&self) -> String {
        let event = FileStored {
            file: "00000000-0000-0000-0000-000000000007".parse().unwrap(),
            name: "secret-name.pdf".to_owned(),
            size_bytes: 1,
            sha256: "00".to_owned(),
            media_type: "application/pdf".to_owned(),
            uploaded_by: PersonId::from_u128(1),
            stored_at: self.database.ambient().now(),
        };
        let caller = self.person(self.tenant, "student");
        self.database.write(&caller, move |tx| async move { messaging::emit(tx, &event).await }.boxed()).await.unwrap();
        self.messaging.drain().await.unwrap();
        let dead = self
            .database
            .read(&caller, |tx| {
                async move { messaging::dead_letters::list(tx, &base::PageRequest::default()).await }.boxed()
            })
            .await
            .unwrap();
        dead.items[0].event.to_string()
    }
}

fn university(slug: &str) -> NewTenant {
    NewTenant {
        slug: slug.to_owned(),
        name: slug.to_owned(),
        name_local: slug.to_owned(),
        language: "en".to_owned(),
        zone: "UTC".to_owned(),
        domains: Vec::new(),
    }
}

struct Browser {
    router: axum::Router,
    token: String,
}

impl Browser {
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

    async fn post(&self, path: &str, body: &str) -> (StatusCode, String) {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.ask(request, body).await
    }
}

#[tokio::test]
async fn an_administrator_sees_every_page_and_others_see_none() {
    let desk = Desk::new().await;
    let administrator = desk.browser(desk.tenant, "administrator");
    let coordinator = desk.browser(desk.tenant, "coordinator");
    for path in ["/console", "/console/dead-letters", "/console/audit", "/console/mails"] {
        assert_eq!(administrator.get(path).await.0, StatusCode::OK, "{path}");
        assert_eq!(coordinator.get(path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn the_whole_installation_is_an_operators_alone() {
    let desk = Desk::new().await;
    desk.give_up().await;
    let operator = desk.browser(desk.other_tenant, "operator");
    let administrator = desk.browser(desk.tenant, "administrator");
    for path in ["/console/installation", "/console/statements"] {
        assert_eq!(administrator.get(path).await.0, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(operator.get(path).await.0, StatusCode::OK, "{path}");
    }
    let (_, page) = operator.get("/console/installation").await;
    assert!(page.contains("127.0.0.1:81") && page.contains("shop.files"), "{page}");
    assert!(operator.get("/console/statements").await.1.contains("messaging::"));
    // What a university did is its administrator's, not the operator's.
    for path in ["/console/dead-letters", "/console/audit", "/console/mails"] {
        assert_eq!(operator.get(path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(operator.get("/console").await.1.contains("/console/installation"));
}

#[tokio::test]
async fn the_overview_counts_the_callers_own_university_alone() {
    let desk = Desk::new().await;
    desk.give_up().await;
    let counted = |page: &str, count: u8| {
        let sentence = if count == 0 { "Nothing needs a hand" } else { "A service gave up events of your university" };
        page.contains(&format!("/console/dead-letters?service=shop\">{count}</a>")) && page.contains(sentence)
    };
    let (_, own) = desk.browser(desk.tenant, "administrator").get("/console").await;
    assert!(counted(&own, 1) && !own.contains("127.0.0.1:81") && !own.contains("/console/installation"), "{own}");
    let (_, other) = desk.browser(desk.other_tenant, "administrator").get("/console").await;
    assert!(counted(&other, 0) && !counted(&other, 1), "{other}");
}

#[tokio::test]
async fn the_references_are_for_everybody() {
    let desk = Desk::new().await;
    let student = desk.browser(desk.tenant, "student");
    assert_eq!(student.get("/errors/CON-001").await.0, StatusCode::OK);
    assert_eq!(student.get("/api/openapi.json").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_dead_letter_is_shown_without_its_words_and_sent_again_on_the_record() {
    let desk = Desk::new().await;
    let event = desk.give_up().await;
    let browser = desk.browser(desk.tenant, "administrator");
    let (_, page) = browser.get("/console/dead-letters?service=shop").await;
    assert!(page.contains("files.file.stored") && page.contains("the shelf is full"), "{page}");
    assert!(!page.contains("secret-name"), "{page}");
    let (_, page) = desk.browser(desk.other_tenant, "administrator").get("/console/dead-letters").await;
    assert!(!page.contains("files.file.stored"), "{page}");

    let body = format!("once=a&service=shop&consumer=shop.files&event={event}");
    let elsewhere = desk.browser(desk.other_tenant, "administrator");
    assert_eq!(elsewhere.post("/console/dead-letters/send", &body).await.0, StatusCode::NOT_FOUND);
    assert_eq!(browser.post("/console/dead-letters/send", &body).await.0, StatusCode::SEE_OTHER);
    let (_, page) = browser.get("/console").await;
    assert!(page.contains("/console/audit?service=shop\">1</a>"), "what was done today is counted: {page}");
    let (_, page) = browser.get("/console/audit?service=shop&action=console.").await;
    assert!(page.contains("console.dead_letter.send") && page.contains(&event), "{page}");
    desk.clock.advance(Duration::from_secs(1));
    desk.messaging.drain().await.unwrap();
}

#[tokio::test]
async fn the_types_of_event_are_shown_with_their_fields_to_whoever_is_signed_in() {
    let desk = Desk::new().await;
    let browser = desk.browser(desk.tenant, "student");
    let (status, page) = browser.get("/events").await;
    assert_eq!(status, StatusCode::OK);
    for shown in ["projects.proposal.submitted", "card.members", "list of string (uuid)"] {
        assert!(page.contains(shown), "{shown}");
    }
    let (_, schemas) = browser.get("/events/schemas.json").await;
    let schemas: serde_json::Value = serde_json::from_str(&schemas).unwrap();
    assert_eq!(schemas["files.file.claimed"]["$id"], "files.file.claimed.v1");
}

#[tokio::test]
async fn a_mail_is_shown_to_its_own_university() {
    let desk = Desk::new().await;
    let folder = desk.folder.path().join("mails/uni");
    std::fs::create_dir_all(&folder).unwrap();
    let id = "00000000-0000-0000-0000-000000000009";
    let mail = "From: a@b\r\nTo: c@d\r\nSubject: Choose\r\n\r\nGo:\r\nhttp://localhost:8080/reset?token=a&b=<c>\r\n";
    std::fs::write(folder.join(format!("{id}.eml")), mail).unwrap();
    std::fs::write(folder.join("notes.txt"), "").unwrap();
    let browser = desk.browser(desk.tenant, "administrator");
    assert!(browser.get("/console/mails").await.1.contains("Choose"));
    let (_, page) = browser.get(&format!("/console/mails/{id}")).await;
    assert!(page.contains("<a href=\"http://localhost:8080/reset?token=a&#38;b=&#60;c&#62;\""), "{page}");
    let other = desk.browser(desk.other_tenant, "administrator");
    let (status, page) = other.get(&format!("/console/mails/{id}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("CON-002"), "{page}");
    assert_eq!(browser.get("/console/mails/..%2F..%2Fetc").await.0, StatusCode::NOT_FOUND);
}

#[test]
fn the_texts_of_both_languages_have_the_same_keys() {
    let keys = |index: usize| web::i18n::keys(crate::SITE.texts[index].1);
    assert_eq!(keys(0), keys(1));
    assert_eq!(FileStored::TYPE, "files.file.stored");
}
