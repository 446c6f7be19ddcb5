//! Finds the route of a request and the backend it goes to, or answers with the redirect of the
//! route or of the listener.

use std::sync::Arc;

use http::{HeaderValue, Method, Response, StatusCode, header};

use super::{Exchange, authenticate, limit};
use crate::{
    body::Content,
    refusal::Refusal,
    routes::{Asked, Entry, file::Protocol},
    tunnel::handshake,
};

/// The port that a browser takes when an address names none.
const HTTPS_PORT: u16 = 443;

pub(super) fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    if let Some(port) = exchange.link.redirect {
        exchange.response = Some(to_https(exchange, port).ok_or(Refusal::AmbiguousHost)?);
        return Ok(());
    }
    if preflight(exchange)? {
        return Ok(());
    }
    let entry = find(exchange, &exchange.head.method)?;
    if let Some(redirect) = &entry.way.route.redirect {
        exchange.response = Some(answer(exchange, &entry, redirect.status()).ok_or(Refusal::AmbiguousHost)?);
        exchange.entry = Some(entry);
        return Ok(());
    }
    let target = entry.way.target(exchange.link.worker.dice.throw()).cloned();
    exchange.entry = Some(entry);
    let target = target.ok_or(Refusal::NoNode)?;
    // Only a connection of HTTP/1.1 can be left; to others it goes as the plain request that it is otherwise. A client of
    // HTTP/2 would take the answer to that for a tunnel.
    if target.protocol != Protocol::Http1 && handshake::is_extended(&exchange.head) {
        return Err(Refusal::NoWebSocket);
    }
    exchange.upgrade &= target.protocol == Protocol::Http1;
    let bytes_max = target.body_bytes_max;
    exchange.record.target = Some(Arc::clone(&target));
    limit::body(exchange, bytes_max)
}

/// Answers a browser's question whether a page may send a request, where the route of that request says so itself.
fn preflight(exchange: &mut Exchange) -> Result<bool, Refusal> {
    if exchange.head.method != Method::OPTIONS || exchange.origin.is_none() {
        return Ok(false);
    }
    let headers = &exchange.head.headers;
    let Some(method) = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD) else { return Ok(false) };
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return Ok(false) };
    let Ok(entry) = find(exchange, &method) else { return Ok(false) };
    let Some(cors) = &entry.way.route.cors else { return Ok(false) };
    let allowed = cors.preflight(headers).ok_or(Refusal::OtherOrigin)?;
    let mut response = Response::new(Content::Whole(None));
    *response.status_mut() = StatusCode::NO_CONTENT;
    *response.headers_mut() = allowed;
    exchange.response = Some(response);
    Ok(true)
}

fn find(exchange: &Exchange, method: &Method) -> Result<Arc<Entry>, Refusal> {
    let head = &exchange.head;
    let host = authenticate::host(&head.headers)?;
    let (path, query) = (head.uri.path(), head.uri.query());
    let asked = Asked { host: &host, method, path, query, headers: &head.headers };
    exchange.link.worker.shared.table.load().find(&asked).cloned().ok_or(Refusal::NoRoute)
}

fn answer(exchange: &Exchange, entry: &Entry, status: u16) -> Option<Response<Content>> {
    let redirect = entry.way.route.redirect.as_ref()?;
    let head = &exchange.head;
    let host = head.headers.get(header::HOST)?.to_str().ok()?;
    let https = exchange.link.https;
    Some(leading(StatusCode::from_u16(status).ok()?, redirect.location(&head.uri, host, https, entry.prefix())?))
}

/// Leads the same request to https; the method stays.
fn to_https(exchange: &Exchange, port: u16) -> Option<Response<Content>> {
    let head = &exchange.head;
    let host = authenticate::host(&head.headers).ok()?;
    let port = if port == HTTPS_PORT { String::new() } else { format!(":{port}") };
    let location = format!("https://{host}{port}{}", head.uri);
    Some(leading(StatusCode::PERMANENT_REDIRECT, HeaderValue::try_from(location).ok()?))
}

fn leading(status: StatusCode, location: HeaderValue) -> Response<Content> {
    let mut response = Response::new(Content::Whole(None));
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    response
}
