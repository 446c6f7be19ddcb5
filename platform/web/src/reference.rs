//! The pages that are the same everywhere: error reference, API reference, preferences, assets. One service mounts them.
//!
//! Owns their routes. Never knows a service: it is given their codes and API documents. Start reading at [`routes`].

use std::sync::Arc;

use access::{ANYONE, Action, Vocabulary};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base::Code;
use bytes::Bytes;
use http::header;
use serde::Deserialize;
use utoipa::openapi::OpenApi;

use crate::{
    Ctx, Failure, Result, Routes, Service, assets, cookies,
    entrance::Theme,
    extract::{Form, Path},
    html, i18n, local_path,
};

mod document;

use document::Document;

static VOCABULARY: Vocabulary = Vocabulary::new(&[], &[]);

/// Reading the references.
pub const READ: Action = Action::read("web.reference.read", ANYONE);
/// Choosing language and colours for this browser.
pub const PREFER: Action = Action::write("web.preference.set", ANYONE);

/// Seconds for which a browser remembers its preferences: a year.
const PREFERENCE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// Returns `/errors`, `/api`, `/preferences` and `/assets` as a service.
///
/// `openapi` is the API of all services together, `codes` their error codes.
pub fn routes(openapi: &OpenApi, codes: &[&'static [&'static Code]]) -> Service {
    let mut codes: Vec<&'static Code> = codes.iter().copied().flatten().copied().collect();
    codes.sort_by_key(|code| code.id);
    codes.dedup();
    let json = serde_json::to_vec(openapi).unwrap_or_default();
    let reference = Reference { codes: codes.into(), document: Arc::new(Document::of(openapi)), json: json.into() };
    let mut service = Routes::new("reference", &VOCABULARY)
        .page(READ, "/errors", get(list_errors))
        .page(READ, "/errors/{code}", get(show_error))
        .page(READ, "/api", get(show_api))
        .page(READ, "/api/openapi.json", get(openapi_json))
        .page(PREFER, "/preferences", post(prefer))
        .with_state(reference);
    // The files are public: they are served before anybody is known.
    service.router = service.router.merge(assets::routes());
    service.prefixes.push("/assets".to_owned());
    service
}

#[derive(Clone)]
struct Reference {
    codes: Arc<[&'static Code]>,
    document: Arc<Document>,
    json: Bytes,
}

#[derive(Template)]
#[template(path = "error_list.html")]
struct ErrorList {
    ctx: Ctx,
    /// Each with its title in the reader's language, and its status.
    codes: Vec<(&'static Code, String, u16)>,
}

#[derive(Template)]
#[template(path = "error_entry.html")]
struct ErrorEntry {
    ctx: Ctx,
    code: &'static Code,
    explanation: &'static str,
    for_programs: Option<(&'static str, &'static str)>,
    status: u16,
}

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    ctx: Ctx,
    document: Arc<Document>,
}

async fn list_errors(State(reference): State<Reference>, ctx: Ctx) -> Result<Response> {
    let codes = reference.codes.iter().map(|code| (*code, ctx.error_title(code), code.status)).collect();
    html(&ErrorList { ctx: ctx.title("error-reference").crumb("home", "/"), codes })
}

async fn show_error(State(reference): State<Reference>, ctx: Ctx, Path(id): Path<String>) -> Result<Response> {
    let found = reference.codes.iter().copied().find(|code| code.id.eq_ignore_ascii_case(&id));
    let code = found.ok_or_else(Failure::not_found)?;
    let title = ctx.error_title(code);
    let ctx = ctx.title_text(title).crumb("home", "/").crumb("error-reference", "/errors");
    let explanation = code.explanation_in(ctx.language());
    let for_programs = code.for_programs_in(ctx.language());
    html(&ErrorEntry { ctx, explanation, for_programs, status: code.status, code })
}

async fn show_api(State(reference): State<Reference>, ctx: Ctx) -> Result<Response> {
    html(&ApiPage { ctx: ctx.title("api-title").crumb("home", "/"), document: reference.document })
}

async fn openapi_json(State(reference): State<Reference>) -> Response {
    ([(header::CONTENT_TYPE, "application/vnd.oai.openapi+json;version=3.1")], reference.json).into_response()
}

#[derive(Deserialize)]
struct Preferences {
    language: Option<String>,
    theme: Option<String>,
    next: Option<String>,
}

async fn prefer(ctx: Ctx, form: Form<Preferences>) -> Result<Response> {
    let chosen = form.input.map_err(Failure::fields)?;
    let mut response = ctx.redirect(local_path(chosen.next.as_deref().unwrap_or("/")));
    let language = chosen.language.as_deref().and_then(i18n::language);
    let theme = chosen.theme.as_deref().map(|name| Theme::named(name).name());
    for (cookie, value) in [(cookies::LANGUAGE, language), (cookies::THEME, theme)] {
        if let Some(line) = value.and_then(|value| cookies::write(cookie, value, PREFERENCE_SECONDS)) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
    Ok(response)
}
