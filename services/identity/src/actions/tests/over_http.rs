//! The service as the gateway reaches it: pages and API, with the caller token that identity itself made.

use axum::{Router, body::Body};
use base::{Caller, RequestId, TenantId};
use contracts::events::projects::ProgrammeChanged;
use crypto::{Keyring, Secret, caller_token::CALLER_HEADER};
use futures_util::FutureExt;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;
use web::{Kit, KitParts};

use super::{PASSWORD, World, university, user};
use crate::{
    actions::{people, tenants},
    internal,
    jobs::programme_changed,
    model::credential::Credential,
};

/// One answer: status, the interesting headers, and the body as text.
struct Answer {
    status: StatusCode,
    location: String,
    cookie: String,
    etag: String,
    forget: String,
    body: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let header = |name| {
            let value: Option<&http::HeaderValue> = response.headers().get(name);
            value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (location, cookie, etag) = (header(header::LOCATION), header(header::SET_COOKIE), header(header::ETAG));
        let forget = header(http::HeaderName::from_static("fpms-forget"));
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Self { status, location, cookie, etag, forget, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl World {
    fn router(&self) -> Router {
        let keyring = Keyring::from_secret(&Secret::new("k".repeat(43))).unwrap();
        let parts = KitParts { ambient: self.identity.ambient().clone(), keyring: &keyring, tenants: None };
        let kit = Kit::new(web::Settings::default(), parts, &[&crate::SITE]).unwrap();
        kit.mount(crate::service(self.identity.clone())).merge(internal::router(self.identity.clone()))
    }

    fn token(&self, caller: &Caller) -> String {
        let now = self.identity.ambient().now();
        self.identity.callers().seal(caller, now + std::time::Duration::from_mins(1)).unwrap()
    }

    async fn get(&self, caller: &Caller, path: &str) -> Answer {
        self.send(caller, Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn post_form(&self, caller: &Caller, path: &str, body: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(caller, request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn send_json(&self, caller: &Caller, method: Method, path: &str, body: serde_json::Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        self.send(caller, request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn send(&self, caller: &Caller, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        headers.insert(CALLER_HEADER, self.token(caller).parse().unwrap());
        headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        headers.insert("x-forwarded-for", "192.0.2.7".parse().unwrap());
        Answer::of(self.router().oneshot(request).await.unwrap()).await
    }
}

fn encoded(text: &str) -> String {
    text.replace(' ', "+")
}

#[tokio::test]
async fn the_sign_in_page_opens_a_session_and_goes_on_to_where_one_was_going() {
    let world = World::new().await;
    let nobody = world.nobody();
    let page = world.get(&nobody, "/sign-in?next=/people").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("name=\"next\" value=\"/people\""), "{}", page.body);
    let form = |password: &str| format!("email=ada%40uni.example&password={}&next=%2Fpeople", encoded(password));
    let refused = world.post_form(&nobody, "/sign-in", &form("wrong password")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("E-mail or password is wrong") && refused.body.contains("value=\"ada@uni.example\""));
    assert!(!refused.body.contains("wrong password\""));
    let opened = world.post_form(&nobody, "/sign-in", &form(PASSWORD)).await;
    assert_eq!((opened.status, opened.location.as_str()), (StatusCode::SEE_OTHER, "/people"));
    let cookie = opened.cookie.strip_prefix("__Host-fpms=").unwrap().split(';').next().unwrap();
    assert!(Credential::parse(cookie).is_some());
    let ada = world.caller_of(cookie).await;
    assert_eq!(world.get(&ada, "/people").await.status, StatusCode::OK);
    let out = world.post_form(&ada, "/sign-out", "").await;
    assert_eq!((out.status, out.location.as_str()), (StatusCode::SEE_OTHER, "/sign-in"));
    assert_eq!(out.forget, world.administrator.person.id.to_string());
    assert!(world.caller_of(cookie).await.as_person().is_none());
}

#[tokio::test]
async fn where_there_are_several_universities_a_sign_in_asks_which_one_is_meant() {
    let world = World::new().await;
    let new = user("Roe", "Ri", "ri@other.example");
    tenants::create_tenant(&world.identity, university("other"), new).await.unwrap();
    let nobody = Caller::nobody(TenantId::from_u128(0), RequestId::from_u128(1));
    let form = |university: &str| format!("email=ada%40uni.example&password=x&university={university}");
    let wanted = world.post_form(&nobody, "/sign-in", &form("")).await;
    assert_eq!(wanted.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wanted.body.contains("Choose your university from the list"), "{}", wanted.body);
    let unknown = world.post_form(&nobody, "/sign-in", &form("none")).await;
    assert!(unknown.body.contains("There is no university of this name"), "{}", unknown.body);
    let body = json!({"email": "ada@uni.example", "password": PASSWORD});
    let refused = world.send_json(&nobody, Method::POST, "/api/v1/session", body).await.json();
    assert_eq!((&refused["code"], &refused["errors"][0]["field"]), (&json!("IDN-011"), &json!("university")));
    assert_eq!(refused["errors"][0]["detail"], "Choose your university from the list");
}

#[tokio::test]
async fn a_sign_in_never_leads_to_another_site() {
    let world = World::new().await;
    let form = format!("email=ada%40uni.example&password={}&next=%2F%2Fevil.example", encoded(PASSWORD));
    assert_eq!(world.post_form(&world.nobody(), "/sign-in", &form).await.location, "/");
}

#[tokio::test]
async fn every_page_of_an_administrator_renders_in_both_languages() {
    let world = World::new().await;
    let ada = world.ada().await;
    let person = format!("/people/{}", world.administrator.person.id);
    let paths = [
        "/people",
        "/people/new",
        &person,
        "/settings",
        "/settings/password",
        "/settings/sessions",
        "/settings/tokens",
    ];
    for language in ["en", "lo"] {
        for path in paths {
            let request = Request::get(path).header(header::COOKIE, format!("fpms_language={language}"));
            let page = world.send(&ada, request.body(Body::empty()).unwrap()).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.body.contains(&format!("<html lang=\"{language}\"")), "{path}");
            let missing = page.body.split(['>', '<', '"']).find(|text| text.starts_with("identity-"));
            assert_eq!(missing, None, "{path} in {language} lacks a text");
        }
    }
}

#[tokio::test]
async fn people_are_added_changed_and_given_roles_by_pages() {
    let world = World::new().await;
    let ada = world.ada().await;
    let form = "family_name=Doe&given_name=Bo&email=bo%40uni.example&language=en&numbers=S001%2C+7&roles=student&unit=university\
         &invite=on";
    let added = world.post_form(&ada, "/people/new", form).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let page = world.get(&ada, &added.location).await;
    assert!(page.body.contains("bo@uni.example") && page.body.contains("7, S001") && page.body.contains("Student"));
    let twice = world.post_form(&ada, "/people/new", form).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.body.contains("This is already in use") && twice.body.contains("value=\"Doe\""));
    let path = format!("{}/change", added.location);
    let change =
        |version: u8| format!("version={version}&name=Bo+Roe&family_name=Roe&given_name=Bo&language=lo&enabled=on");
    assert_eq!(world.post_form(&ada, &path, &change(1)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.post_form(&ada, &path, &change(1)).await.status, StatusCode::PRECONDITION_FAILED);
    let roles = format!("{}/roles", added.location);
    let given = world.post_form(&ada, &roles, "role=examiner&unit=university&from=2027-06-01&until=2027-06-30").await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    let backwards =
        world.post_form(&ada, &roles, "role=examiner&unit=university&from=2027-06-02&until=2027-06-01").await;
    assert_eq!(backwards.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.get(&ada, &added.location).await.body.contains("30 Jun 2027"));
}

#[tokio::test]
async fn a_role_is_given_in_one_programme_by_its_name() {
    let world = World::new().await;
    let ada = world.ada().await;
    let programme = contracts::ids::ProgrammeId::from_u128(7);
    for (title, minute) in [("Civil engineering", 2), ("Older", 1)] {
        let event = ProgrammeChanged {
            programme,
            code: "CE".to_owned(),
            title_en: title.to_owned(),
            title_local: "ວິສະວະກຳໂຍທາ".to_owned(),
            changed_at: base::Timestamp::from_micros(minute),
        };
        let system = base::Caller::system(world.tenant, "identity.units", world.request());
        let apply = world
            .identity
            .write(&system, None, move |tx| async move { Ok(programme_changed::apply(tx, event).await?) }.boxed());
        apply.await.unwrap();
    }
    let person = format!("/people/{}", world.administrator.person.id);
    let page = world.get(&ada, &person).await.body;
    let choice = format!("<option value=\"{programme}\">CE · Civil engineering</option>");
    assert!(page.contains(&choice), "{page}");
    assert!(world.get(&ada, "/people/new").await.body.contains(&choice));
    let roles = format!("{person}/roles");
    let given = world.post_form(&ada, &roles, &format!("role=coordinator&unit={programme}")).await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    let page = world.get(&ada, &person).await.body;
    assert!(page.contains("<td data-label=\"Where\">CE · Civil engineering</td>"), "{page}");
    let nowhere = world.post_form(&ada, &roles, "role=coordinator&unit=elsewhere").await;
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nowhere.body.contains("f-unit-wrong"), "{}", nowhere.body);
}

#[tokio::test]
async fn a_new_token_is_shown_once() {
    let world = World::new().await;
    let ada = world.ada().await;
    let made = world.post_form(&ada, "/settings/tokens/create", "token_name=export&scopes=projects.read&days=30").await;
    let shown = format!("<code>{}.", world.tenant);
    assert!(made.status == StatusCode::OK && made.body.contains(&shown), "{}", made.body);
    assert!(!world.get(&ada, "/settings/tokens").await.body.contains(&shown));
    let wrong = world.post_form(&ada, "/settings/tokens/create", "token_name=&scopes=everything&days=30").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_api_adds_reads_and_changes_a_person_by_version() {
    let world = World::new().await;
    let ada = world.ada().await;
    let body = json!({"family_name": "Doe", "given_name": "Bo", "language": "en", "roles": [{"role": "student"}]});
    let first = world.send(&ada, request_with_key(&body)).await;
    let second = world.send(&ada, request_with_key(&body)).await;
    assert_eq!((first.status, &first.location), (StatusCode::CREATED, &second.location));
    let read = world.get(&ada, &first.location).await;
    assert_eq!((read.etag.as_str(), read.json()["status"].as_str()), ("\"v1\"", Some("invited")));
    let change = json!({"given_name": "Beau"});
    let unversioned = world.send_json(&ada, Method::PATCH, &first.location, change.clone()).await;
    assert_eq!(unversioned.status.as_u16(), 428);
    let patch = |version: &str| {
        let request = Request::patch(&first.location).header(header::CONTENT_TYPE, "application/json");
        request.header(header::IF_MATCH, version).body(Body::from(change.to_string())).unwrap()
    };
    let changed = world.send(&ada, patch("\"v1\"")).await;
    assert_eq!((changed.etag.as_str(), changed.json()["name"].as_str()), ("\"v2\"", Some("Beau Doe")));
    assert_eq!(world.send(&ada, patch("\"v1\"")).await.status.as_u16(), 412);
    let listed = world.get(&ada, "/api/v1/people?q=beau&sort=-created").await;
    assert_eq!(listed.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.get(&ada, "/api/v1/people?status=gone").await.status, StatusCode::BAD_REQUEST);
}

fn request_with_key(body: &serde_json::Value) -> Request<Body> {
    let request = Request::post("/api/v1/people").header(header::CONTENT_TYPE, "application/json");
    request.header("idempotency-key", "k1").body(Body::from(body.to_string())).unwrap()
}

#[tokio::test]
async fn every_operation_refuses_nobody_unless_it_is_for_everybody() {
    let world = World::new().await;
    let nobody = world.nobody();
    let someone = "00000000-0000-0000-0000-000000000009";
    for operation in crate::service(world.identity.clone()).operations {
        let action = crate::POLICY.find(operation.action).unwrap();
        let path = operation.path.split('/').map(|part| if part.starts_with('{') { someone } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let request = Request::builder().method(operation.method.clone()).uri(&path).body(Body::empty()).unwrap();
        let answer = world.send(&nobody, request).await;
        let open = action.allow.meets(access::NOBODY);
        let refused = answer.status == StatusCode::UNAUTHORIZED
            || (answer.status == StatusCode::SEE_OTHER && answer.location.starts_with("/sign-in"));
        assert!(refused || open, "{} {path}: {}", operation.method, answer.status);
    }
}

#[tokio::test]
async fn the_internal_endpoint_answers_the_gateway_alone() {
    let world = World::new().await;
    let cookie = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let ask = |key: &str| {
        let body = json!({"cookie": cookie, "host": "uni.example"}).to_string();
        let request = Request::post(internal::CALLER_PATH).header(internal::KEY_HEADER, key);
        world.router().oneshot(request.body(Body::from(body)).unwrap())
    };
    let stranger = Answer::of(ask("guess").await.unwrap()).await;
    assert_eq!((stranger.status, stranger.body.as_str()), (StatusCode::NOT_FOUND, ""));
    // A gateway that has not got the promotion yet, and one of another installation.
    let promoted = Keyring::from_secret(&Secret::new(format!("{} *{}", "k".repeat(43), "n".repeat(43)))).unwrap();
    assert!(
        internal::accepted_keys(&promoted).iter().any(|key| key.expose() == world.identity.internal_keys()[0].expose())
    );
    let foreign = Answer::of(ask(internal::shared_key(&promoted).expose()).await.unwrap()).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let keyring = Keyring::from_secret(&Secret::new("k".repeat(43))).unwrap();
    let answer = Answer::of(ask(internal::shared_key(&keyring).expose()).await.unwrap()).await;
    assert_eq!((answer.status, answer.json()["lifetime_seconds"].as_u64()), (StatusCode::OK, Some(60)));
    assert!(!crate::service(world.identity.clone()).prefixes.iter().any(|prefix| prefix.starts_with("/internal")));
    let ada = world.caller_of(&cookie).await;
    let person = world.administrator.person.id;
    assert!(world.identity.read(&ada, |tx| people::read_person(tx, person).boxed()).await.is_ok());
}

#[test]
fn both_languages_have_every_text_and_the_templates_use_no_other() {
    let keys = |text: &str| {
        let mut keys = web::i18n::keys(text);
        keys.sort_unstable();
        keys
    };
    let english = keys(include_str!("../../../texts/en.ftl"));
    assert_eq!(english, keys(include_str!("../../../texts/lo.ftl")));
    for template in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap() {
        let text = std::fs::read_to_string(template.unwrap().path()).unwrap();
        for key in text.split('"').filter(|text| text.starts_with("identity-")) {
            assert!(english.iter().any(|known| known == key), "{key}");
        }
    }
}
