//! Finds the route of a request and the backend it goes to, or answers with the route's redirect.

use std::sync::Arc;

use http::{HeaderValue, Response, StatusCode, header};

use super::{Exchange, authenticate, limit};
use crate::{
    body::Content,
    refusal::Refusal,
    routes::{Asked, Entry},
};

pub(super) fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    let entry = find(exchange)?;
    if let Some(redirect) = &entry.way.route.redirect {
        exchange.response = Some(answer(exchange, &entry, redirect.status()).ok_or(Refusal::AmbiguousHost)?);
        exchange.entry = Some(entry);
        return Ok(());
    }
    let target = entry.way.target(exchange.link.worker.dice.throw()).cloned();
    exchange.entry = Some(entry);
    let target = target.ok_or(Refusal::NoNode)?;
    let bytes_max = target.body_bytes_max;
    exchange.record.target = Some(Arc::clone(&target));
    limit::body(exchange, bytes_max)
}

fn find(exchange: &Exchange) -> Result<Arc<Entry>, Refusal> {
    let head = &exchange.head;
    let host = authenticate::host(&head.headers)?;
    let (path, query) = (head.uri.path(), head.uri.query());
    let asked = Asked { host: &host, method: &head.method, path, query, headers: &head.headers };
    exchange.link.worker.shared.table.load().find(&asked).cloned().ok_or(Refusal::NoRoute)
}

fn answer(exchange: &Exchange, entry: &Entry, status: u16) -> Option<Response<Content>> {
    let redirect = entry.way.route.redirect.as_ref()?;
    let head = &exchange.head;
    let host = head.headers.get(header::HOST)?.to_str().ok()?;
    let https = exchange.link.worker.shared.settings.https;
    let mut response = Response::new(Content::Whole(None));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    response.headers_mut().insert(header::LOCATION, redirect.location(&head.uri, host, https, entry.prefix())?);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    Some(response)
}
