//! Around every request of a service: reads who asks and in which language, and finishes every answer in the same manner.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::{Caller, RequestId, TenantId, Timestamp, caller::Who};
use futures_util::FutureExt;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};

use crate::{
    Failure, Kit, Refusal, Result, TenantCard, cookies, flash, i18n,
    problem::{self, Refused},
};

/// The policy under which every page runs: our own files, nothing inline, no framing.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Header in which the gateway hands over the request's id.
const REQUEST_HEADER: &str = "fpms-request-id";
/// Header in which the answer carries it.
const ANSWER_HEADER: &str = "x-request-id";

/// One request, as the kit sees it.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) kit: Kit,
    pub(crate) caller: Caller,
    /// False when no valid caller token came with the request.
    pub(crate) trusted: bool,
    pub(crate) tenant: Option<Arc<TenantCard>>,
    pub(crate) now: Timestamp,
    pub(crate) method: Method,
    /// Path and query, for links back to here.
    pub(crate) address: String,
    /// Path and query of the page of this site from which the request was sent.
    pub(crate) came_from: Option<String>,
    pub(crate) language: &'static str,
    pub(crate) theme: Theme,
    /// Fluent key of the message left by the request before.
    pub(crate) toast: Option<String>,
}

/// The colours chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the device prefers.
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Visit {
    /// Returns the visit of the request with these extensions.
    pub(crate) fn of(extensions: &Extensions) -> Result<Arc<Self>> {
        let visit = extensions.get::<Arc<Self>>().cloned();
        visit.ok_or_else(|| Refusal::Internal("a route is served without Kit::mount".to_owned()).into())
    }

    fn read(kit: &Kit, request: &Request) -> Self {
        let headers = request.headers();
        let shared = kit.shared();
        let now = shared.ambient.now();
        let id = request_id(headers).unwrap_or_else(|| shared.ambient.id());
        let caller = shared.callers.caller(headers, id, now);
        let trusted = caller.is_some();
        let caller = caller.unwrap_or_else(|| Caller::nobody(TenantId::from_u128(0), id));
        let tenant = kit.tenant(caller.tenant());
        Self {
            language: language(kit, headers, &caller, tenant.as_deref()),
            theme: cookies::read(headers, cookies::THEME).map_or(Theme::Auto, Theme::named),
            toast: cookies::read(headers, cookies::FLASH).and_then(|value| flash::open(&shared.flash_key, value, now)),
            method: request.method().clone(),
            address: request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            came_from: came_from(headers),
            kit: kit.clone(),
            caller,
            trusted,
            tenant,
            now,
        }
    }

    pub(crate) fn without_request(kit: &Kit, caller: Caller, language: &str, address: &str) -> Self {
        Self {
            tenant: kit.tenant(caller.tenant()),
            now: kit.shared().ambient.now(),
            language: i18n::language(language).unwrap_or("en"),
            theme: Theme::Auto,
            toast: None,
            method: Method::GET,
            address: address.to_owned(),
            came_from: None,
            kit: kit.clone(),
            caller,
            trusted: true,
        }
    }

    /// Returns the path without its query.
    pub(crate) fn path(&self) -> &str {
        self.address.split('?').next().unwrap_or("/")
    }

    /// Returns true when the answer goes to a program.
    pub(crate) fn is_api(&self) -> bool {
        self.path().starts_with("/api/v")
    }
}

fn request_id(headers: &HeaderMap) -> Option<RequestId> {
    headers.get(REQUEST_HEADER)?.to_str().ok()?.parse().ok()
}

/// The language: as chosen here, by the person, by the browser, by the tenant, by the installation.
fn language(kit: &Kit, headers: &HeaderMap, caller: &Caller, tenant: Option<&TenantCard>) -> &'static str {
    let accepted = || {
        let wishes = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        i18n::negotiate(wishes)
    };
    cookies::read(headers, cookies::LANGUAGE)
        .and_then(i18n::language)
        .or_else(|| caller.as_person().and_then(|person| i18n::language(&person.language)))
        .or_else(accepted)
        .or_else(|| tenant.and_then(|card| i18n::language(&card.language)))
        .or_else(|| i18n::language(&kit.shared().settings.language))
        .unwrap_or("en")
}

/// The outermost layer of a service.
pub(crate) async fn enter(State(kit): State<Kit>, mut request: Request, next: Next) -> Response {
    let visit = Arc::new(Visit::read(&kit, &request));
    let etag = request.headers().get(header::IF_NONE_MATCH).cloned();
    request.extensions_mut().insert(visit.clone());
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response =
        answer.unwrap_or_else(|_| Failure::from(Refusal::Internal("a handler panicked".to_owned())).into_response());
    let mut response = answered(&visit, response);
    if visit.method.is_safe() && unchanged(etag.as_ref(), &response) {
        let headers = std::mem::take(response.headers_mut());
        response = StatusCode::NOT_MODIFIED.into_response();
        *response.headers_mut() = headers;
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    finish(&visit, response.headers_mut());
    response
}

fn answered(visit: &Arc<Visit>, mut response: Response) -> Response {
    let refused = response.extensions_mut().remove::<Refused>().map(|refused| refused.0).or_else(|| {
        let bare = response.status() == StatusCode::METHOD_NOT_ALLOWED;
        bare.then(|| Arc::new(Refusal::MethodNotAllowed(visit.method.clone()).into()))
    });
    let Some(failure) = refused else { return response };
    if failure.kind() == base::ErrorKind::Unauthenticated && may_sign_in(visit) {
        return sign_in(visit);
    }
    let mut rendered = problem::render(visit, &failure);
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        rendered.headers_mut().insert(header::ALLOW, allow);
    }
    rendered
}

fn may_sign_in(visit: &Visit) -> bool {
    let elsewhere = visit.path() != visit.kit.shared().settings.sign_in_path;
    visit.trusted && elsewhere && !visit.is_api() && matches!(visit.caller.who(), Who::Nobody)
}

/// Sends a visitor to sign in, and afterwards to the page wanted, or back to the one with the form.
fn sign_in(visit: &Visit) -> Response {
    let path = &visit.kit.shared().settings.sign_in_path;
    let next = if visit.method == Method::GET { Some(&visit.address) } else { visit.came_from.as_ref() };
    let Some(next) = next.filter(|next| *next != "/") else { return crate::respond::see_other(path) };
    let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
    crate::respond::see_other(&format!("{path}?next={next}"))
}

/// Returns the page of this site on which the browser says it was.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let page: Uri = text("referer")?.parse().ok()?;
    let host = text("x-forwarded-host").or_else(|| text("host"))?;
    (page.authority()?.as_str() == host).then(|| page.path_and_query().map(ToString::to_string)).flatten()
}

fn unchanged(wanted: Option<&HeaderValue>, response: &Response) -> bool {
    let (Some(wanted), Some(current)) = (wanted, response.headers().get(header::ETAG)) else { return false };
    let (Ok(wanted), Ok(current)) = (wanted.to_str(), current.to_str()) else { return false };
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    response.status() == StatusCode::OK && wanted.split(',').any(|tag| tag.trim() == "*" || bare(tag) == bare(current))
}

fn finish(visit: &Visit, headers: &mut HeaderMap) {
    let mut keep = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert_with(|| HeaderValue::from_static(value));
    };
    keep(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    keep(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    keep(header::REFERRER_POLICY, "same-origin");
    keep(header::CACHE_CONTROL, "private, no-cache");
    keep(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    keep(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    keep(header::VARY, "Cookie, Accept-Language");
    if is_page(headers) {
        headers.entry(header::CONTENT_LANGUAGE).or_insert_with(|| HeaderValue::from_static(visit.language));
    }
    let shown = visit.toast.is_some() && is_page(headers);
    if shown && let Some(line) = cookies::write(cookies::FLASH, "", 0) {
        headers.append(header::SET_COOKIE, line);
    }
    if let Ok(id) = HeaderValue::try_from(visit.caller.request().to_string()) {
        headers.insert(HeaderName::from_static(ANSWER_HEADER), id);
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}
