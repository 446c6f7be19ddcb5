//! The kit as a service uses it: a small service of notes, asked by nobody, by a person and by strangers.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use access::{ANYONE, Action, SIGNED_IN, Subjects, Vocabulary};
use axum::{
    Router,
    body::Body,
    extract::State,
    response::Response,
    routing::{get, post},
};
use base::{Ambient, Caller, Clock, Id, Page, PersonId, Random, RequestId, TenantId, Timestamp, caller::Person};
use crypto::{CallerTokens, Keyring, caller_token::CALLER_HEADER};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

use crate::{
    Ctx, ETag, Held, Intake, Kit, KitParts, List, NavItem, Problem, Result, Routes, Service, Settings, Site,
    extract::{Form, IfMatch, Json, OnceKey, PageQuery, Paging, Path, Query, Signed},
};

mod api;
mod pages;
mod shared;

pub(crate) const NOON: Timestamp = Timestamp::from_micros(1_811_840_400_000_000);
pub(crate) const TENANT: TenantId = TenantId::from_u128(1);

static VOCABULARY: Vocabulary = Vocabulary::new(&[("clerk", Subjects::bit(3))], &[]);
const READ: Action = Action::read("notes.note.read", ANYONE);
const WRITE: Action = Action::write("notes.note.write", SIGNED_IN);
const CLEAR: Action = Action::write("notes.note.clear", Subjects::bit(3));

/// The site of the notes.
pub(crate) static SITE: Site = Site {
    name: "notes",
    vocabulary: &VOCABULARY,
    nav: &[
        NavItem { label: "home", href: "/", icon: "home", order: 1, action: &READ, held: Held::Anywhere },
        NavItem {
            label: "settings",
            href: "/notes/clear",
            icon: "trash",
            order: 2,
            action: &CLEAR,
            held: Held::WholeTenant,
        },
    ],
    texts: &[("en", "note-kept = The note is kept"), ("lo", "note-kept = ບັນທຶກແລ້ວ")],
    codes: &[],
};

#[derive(Deserialize)]
struct Input {
    title: String,
    weeks: Option<u8>,
}

async fn front(ctx: Ctx) -> String {
    format!("{}|{}|{}", ctx.language(), ctx.t("home"), ctx.toast().unwrap_or("-"))
}

async fn keep(Signed(_): Signed, ctx: Ctx, OnceKey(once): OnceKey, form: Form<Input>) -> Result<Response> {
    let input = form.input.map_err(crate::Failure::fields)?;
    let text = format!("{} {:?} {:?}", input.title, input.weeks, once.map(|once| once.key));
    Ok(if input.title == "go" {
        ctx.redirect_toast("/", "note-kept")
    } else {
        axum::response::IntoResponse::into_response(text)
    })
}

#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    title: String,
    weeks: u8,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    state: Option<String>,
}

/// List notes.
#[utoipa::path(get, path = "/api/v1/notes", params(Filter, Paging),
    responses((status = 200, body = List<Note>), (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list_notes(Query(filter): Query<Filter>, paging: PageQuery) -> Json<List<Note>> {
    let title = format!("{:?} after {:?}", filter.state, paging.request.after);
    let page = Page { items: vec![Note { title, weeks: 1 }], next: Some("key-7".to_owned()) };
    Json(paging.seal(page).into())
}

/// Read a note.
#[utoipa::path(get, path = "/api/v1/notes/{note}", params(("note" = String, Path)), responses((status = 200, body = Note)))]
async fn read_note(Path(note): Path<PersonId>) -> (ETag, Json<Note>) {
    (ETag(3), Json(Note { title: note.to_string(), weeks: 1 }))
}

/// Write a note.
#[utoipa::path(post, path = "/api/v1/notes", request_body = Note, responses((status = 201, body = Note)))]
async fn write_note(OnceKey(_): OnceKey, IfMatch(version): IfMatch, Json(note): Json<Note>) -> Response {
    crate::created(&format!("/api/v1/notes/{}", version.unwrap_or_default()), note)
}

async fn import(form: Form<Input>) -> String {
    let file = form.file("list").unwrap();
    format!("{} {} {}", file.name, file.content_type.as_deref().unwrap_or_default(), file.bytes.len())
}

async fn stream(mut multipart: axum::extract::Multipart) -> String {
    let mut size = 0;
    while let Some(mut field) = multipart.next_field().await.unwrap() {
        while let Some(piece) = field.chunk().await.unwrap() {
            size += piece.len();
        }
    }
    size.to_string()
}

async fn dozes() -> &'static str {
    tokio::time::sleep(std::time::Duration::from_mins(1)).await;
    "awake"
}

async fn panics(State(()): State<()>) -> &'static str {
    panic!("in a handler")
}

/// The service of notes.
pub(crate) fn service() -> Service {
    Routes::new("notes", &VOCABULARY)
        .page(READ, "/", get(front))
        .page(WRITE, "/notes", post(keep))
        .page_with(Intake::UpTo(8 << 20), WRITE, "/notes/import", post(import))
        .page_with(Intake::Stream, WRITE, "/notes/stream", post(stream))
        .page(CLEAR, "/notes/clear", get(front).post(front))
        .page(READ, "/notes/broken", get(panics))
        .page(READ, "/notes/slow", get(dozes))
        .page(READ, "/notes/all", get(async |_: PageQuery| "all"))
        .api(READ, crate::routes!(list_notes))
        .api(READ, crate::routes!(read_note))
        .api(WRITE, crate::routes!(write_note))
        .with_state(())
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOON
    }
}

struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed) as u8);
    }
}

/// The kit, and the keys with which callers are signed.
pub(crate) fn kit(sites: &[&Site]) -> (Kit, CallerTokens) {
    let keyring = Keyring::from_secret(&"k".repeat(43).into()).unwrap();
    let ambient = Ambient::new(Arc::new(Still), Arc::new(Counting(AtomicU64::new(0))));
    let kit = Kit::new(Settings::default(), KitParts { ambient, keyring: &keyring, tenants: None }, sites).unwrap();
    (kit, CallerTokens::new(&keyring))
}

/// Somebody signed in who holds these roles.
pub(crate) fn person(language: &str, roles: &[&str], scopes: Option<&[&str]>) -> Caller {
    granted(language, roles.iter().copied().map(grant).collect(), scopes)
}

/// Returns a grant of the role in the whole tenant.
pub(crate) fn grant(role: &str) -> base::Grant {
    base::Grant {
        role: role.to_owned(),
        scope: base::Scope::Tenant,
        from: Timestamp::EPOCH,
        until: NOON + std::time::Duration::from_hours(24),
    }
}

pub(crate) fn granted(language: &str, grants: Vec<base::Grant>, scopes: Option<&[&str]>) -> Caller {
    let person = Person {
        id: PersonId::from_u128(3),
        name: "ສົມພອນ Ana".to_owned(),
        language: language.to_owned(),
        grants,
        credential: PersonId::from_u128(4).uuid(),
        scopes: scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
    };
    Caller::person(TENANT, person, RequestId::from_u128(9))
}

/// A browser or program in front of a router.
pub(crate) struct Client {
    router: Router,
    token: String,
}

/// An answer, read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

impl Client {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (kit, tokens) = kit(&[&SITE]);
        let token = tokens.seal(caller, NOON + std::time::Duration::from_mins(1)).unwrap();
        Self { router: kit.mount(service()), token }
    }

    pub(crate) fn nobody() -> Self {
        Self::new(&Caller::nobody(TENANT, RequestId::from_u128(9)))
    }

    pub(crate) fn signed() -> Self {
        Self::new(&person("en", &[], None))
    }

    pub(crate) async fn send(&self, request: http::request::Builder, body: impl Into<Body>) -> Answer {
        let request = request.header(CALLER_HEADER, &self.token).body(body.into()).unwrap();
        ask(&self.router, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), "").await
    }

    pub(crate) async fn post(&self, path: &str, media: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, media).header("sec-fetch-site", "same-origin");
        self.send(request, body).await
    }
}

/// Sends a request as it is.
pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

#[test]
fn a_service_says_its_operations_and_prefixes() {
    let service = service();
    let operations: Vec<String> = service
        .operations
        .iter()
        .map(|operation| format!("{} {} {}", operation.method, operation.path, operation.action))
        .collect();
    assert!(operations.contains(&"POST /api/v1/notes notes.note.write".to_owned()), "{operations:?}");
    assert!(operations.contains(&"POST /notes notes.note.write".to_owned()), "{operations:?}");
    assert!(operations.contains(&"GET /notes/clear notes.note.clear".to_owned()), "{operations:?}");
    assert_eq!(operations.len(), 12, "{operations:?}");
    assert_eq!(service.prefixes, ["/", "/api/v1/notes", "/notes"]);
    let document = serde_json::to_value(&service.openapi).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(
        document["paths"]["/api/v1/notes"]["post"].is_object()
            && document["components"]["schemas"]["Problem"].is_object()
    );
}

mod twice {
    //! Two bodies that Rust tells apart by their modules and a document would not.

    macro_rules! endpoint {
        ($module:ident, $path:literal, $member:ident) => {
            pub(super) mod $module {
                #[derive(serde::Serialize, utoipa::ToSchema)]
                pub(crate) struct Body {
                    $member: u8,
                }

                #[utoipa::path(get, path = $path, responses((status = 200, body = Body)))]
                pub(crate) async fn answer() -> crate::extract::Json<Body> {
                    crate::extract::Json(Body { $member: 1 })
                }
            }
        };
    }

    endpoint!(left, "/left", apples);
    endpoint!(right, "/right", pears);
}

#[test]
fn two_schemas_of_one_name_are_found() {
    let routes = Routes::<()>::new("fruit", &VOCABULARY).api(READ, crate::routes!(twice::left::answer));
    let twice = routes.api(READ, crate::routes!(twice::right::answer));
    assert_eq!(twice.collisions(), ["Body"]);
}
