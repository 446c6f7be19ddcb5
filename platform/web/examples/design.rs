//! Serves the gallery and the references on a port of this machine, for whoever works on the design:
//! `cargo run -p web --example design -- 8099 lo`.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use base::{Ambient, Caller, Clock, Id, PersonId, RequestId, TenantId, Timestamp, caller::Person};
use crypto::{CallerTokens, Keyring, SystemRandom, caller_token::CALLER_HEADER};
use http::HeaderValue;
use web::{Held, Kit, KitParts, NavItem, Settings, Site, TenantCard, Tenants, reference};

static SITE: Site = Site {
    name: "design",
    vocabulary: &access::Vocabulary::new(&[], &[]),
    nav: &[
        NavItem { label: "home", href: "/", icon: "home", order: 1, action: &reference::READ, held: Held::Anywhere },
        NavItem {
            label: "gallery",
            href: "/design",
            icon: "book",
            order: 2,
            action: &reference::READ,
            held: Held::Anywhere,
        },
        NavItem {
            label: "api-reference",
            href: "/api",
            icon: "server",
            order: 3,
            action: &reference::READ,
            held: Held::Anywhere,
        },
        NavItem {
            label: "error-reference",
            href: "/errors",
            icon: "warning",
            order: 4,
            action: &reference::READ,
            held: Held::Anywhere,
        },
    ],
    texts: &[],
    codes: &[],
};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_811_840_400_000_000)
    }
}

struct OneTenant;

impl Tenants for OneTenant {
    fn card(&self, _: TenantId) -> Option<Arc<TenantCard>> {
        let names = vec![("en".to_owned(), "Mekong Works".to_owned()), ("lo".to_owned(), "ໂຮງງານແມ່ຂອງ".to_owned())];
        let zone = jiff::tz::TimeZone::get("Asia/Vientiane").unwrap_or(jiff::tz::TimeZone::UTC);
        Some(Arc::new(TenantCard { names, language: "en".to_owned(), zone }))
    }
}

fn person(language: &str) -> Caller {
    let person = Person {
        id: PersonId::from_u128(3),
        name: "Somphone Vongsa".to_owned(),
        language: language.to_owned(),
        grants: Vec::new(),
        credential: PersonId::from_u128(4).uuid(),
        scopes: None,
    };
    Caller::person(TenantId::from_u128(1), person, RequestId::from_u128(9))
}

/// A note.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Note {
    /// In one line.
    title: String,
    /// Weeks it holds; none for ever.
    weeks: Option<u8>,
}

/// List notes.
///
/// The newest first.
#[utoipa::path(get, path = "/api/v1/notes", tag = "notes", params(web::extract::Paging),
    responses((status = 200, description = "A page of notes", body = web::List<Note>),
        (status = "default", description = "A problem", body = web::Problem, content_type = "application/problem+json")))]
async fn list_notes(paging: web::extract::PageQuery) -> web::extract::Json<web::List<Note>> {
    let note = Note { title: "Rice".to_owned(), weeks: None };
    web::extract::Json(paging.seal(base::Page { items: vec![note], next: None }).into())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port: u16 = std::env::args().nth(1).unwrap_or_else(|| "8099".to_owned()).parse().context("the port")?;
    let language = std::env::args().nth(2).unwrap_or_else(|| "en".to_owned());
    let keyring = Keyring::from_secret(&"design".repeat(8).as_str().into())?;
    let ambient = Ambient::new(Arc::new(Noon), Arc::new(SystemRandom));
    let token = CallerTokens::new(&keyring).seal(&person(&language), Noon.now() + Duration::from_mins(1))?;
    let parts = KitParts { ambient, keyring: &keyring, tenants: Some(Arc::new(OneTenant)) };
    let kit = Kit::new(Settings::default(), parts, &[&SITE])?;
    let openapi = web::Routes::new("design", SITE.vocabulary)
        .api(reference::READ, web::routes!(list_notes))
        .with_state(())
        .openapi;
    let service = reference::routes(&openapi, &[web::CODES, access::CODES]);
    let router = kit.mount_router(service.router.merge(web::gallery::routes()));
    let value = HeaderValue::try_from(token)?;
    let router = router.layer(axum::middleware::from_fn(
        move |mut request: axum::extract::Request, next: axum::middleware::Next| {
            request.headers_mut().insert(CALLER_HEADER, value.clone());
            next.run(request)
        },
    ));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}
