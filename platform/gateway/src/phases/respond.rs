//! Completes the answer: takes off what was for us, adds what every answer carries, and says in words what was refused.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version, header, request::Parts};
use http_body::Body;
use mesh::headers;
use uuid::Uuid;

use super::{Exchange, normalise};
use crate::{
    body::{Answer, Content},
    compression,
    grpc::{self, Status},
    problem::{self, Said},
    rates::Seen,
    refusal::Refusal,
    response_cache,
    tunnel::handshake,
};

/// Why the gateway refused, in a word that stays the same.
const REASON: HeaderName = HeaderName::from_static("fpms-reason");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const REFERRER: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
const CLOSE: HeaderValue = HeaderValue::from_static("close");
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

/// Returns whether a header of a service's answer is for the next hop only.
pub(super) fn is_hop_by_hop(name: &str) -> bool {
    matches!(name, "connection" | "keep-alive" | "proxy-connection" | "trailer" | "transfer-encoding" | "upgrade")
}

/// Returns what tells browsers to use https only for so many seconds.
pub(crate) fn hsts(seconds: u64) -> Option<HeaderValue> {
    let value = (seconds > 0).then(|| format!("max-age={seconds}; includeSubDomains"))?;
    HeaderValue::try_from(value).ok()
}

pub(super) fn run(mut exchange: Exchange) -> Response<Answer> {
    if handshake::is_extended(&exchange.head) {
        let opened = exchange.response.as_mut().map(|response| open(&exchange.head, response));
        exchange.refused = exchange.refused.or_else(|| opened?.err());
    }
    let mut response = match (exchange.refused, exchange.response.take()) {
        (None, Some(mut response)) => {
            receive(&exchange, response.headers_mut());
            if is_unread(&exchange) {
                response.headers_mut().insert(header::CONNECTION, CLOSE);
            }
            response
        }
        (refused, _) => refuse(&exchange, refused.unwrap_or(Refusal::ServiceFailed)),
    };
    if let Some(cors) = exchange.entry.as_ref().and_then(|entry| entry.way.route.cors.as_ref()) {
        cors.mark(response.headers_mut(), exchange.origin.as_ref());
    }
    response = compress(&exchange, response);
    complete(response.headers_mut(), &exchange);
    if let Some(seen) = &exchange.rate {
        say_limit(response.headers_mut(), seen);
    }
    let status = exchange.refused.map_or_else(|| response.status(), Refusal::status);
    exchange.record.answered(status, exchange.refused);
    let record = exchange.record;
    response.map(|content| Answer::new(content, record))
}

/// Says in the way of HTTP/2 that a tunnel is open; what would only look like that is refused.
fn open(asked: &Parts, response: &mut Response<Content>) -> Result<(), Refusal> {
    if !matches!(response.body(), Content::Tunnel(_)) {
        return if response.status().is_success() { Err(Refusal::NoWebSocket) } else { Ok(()) };
    }
    *response.status_mut() = StatusCode::OK;
    if handshake::finish(&asked.headers, response.headers_mut()) { Ok(()) } else { Err(Refusal::ServiceFailed) }
}

fn compress(exchange: &Exchange, mut response: Response<Content>) -> Response<Content> {
    let own = exchange.entry.as_ref().and_then(|entry| entry.way.route.compression);
    if !own.unwrap_or(exchange.link.worker.shared.settings.compression) {
        return response;
    }
    match compression::chosen(&exchange.wish, &mut response) {
        Some(coding) => compression::code(coding, response),
        None => response,
    }
}

/// Takes off a service's answer what is not for the client.
fn receive(exchange: &Exchange, headers: &mut HeaderMap) {
    let is_final = |name: &str| name == headers::FINAL.as_str() || name == response_cache::TAGS.as_str();
    normalise::remove(headers, |name| is_hop_by_hop(name) || is_final(name));
    if let Some(entry) = &exchange.entry {
        entry.way.route.response_headers.apply(headers);
    }
    let outside = exchange.target().is_ok_and(|target| target.outside);
    if let Some(forget) = headers.remove(headers::FORGET).filter(|_| !outside) {
        let callers = &exchange.link.worker.shared.callers;
        match forget.to_str().ok().and_then(|subject| Uuid::parse_str(subject).ok()) {
            Some(subject) => callers.forget_subject(subject),
            None => callers.forget_all(),
        }
    }
}

/// Adds what every answer carries.
fn complete(headers: &mut HeaderMap, exchange: &Exchange) {
    headers.insert(headers::REQUEST_ID, exchange.id.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.entry(header::REFERRER_POLICY).or_insert(REFERRER);
    if let Some(hsts) = exchange.link.worker.shared.hsts.as_ref().filter(|_| exchange.link.https) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
}

/// Takes off what speaks of a content that is not there.
pub(super) fn without_content(headers: &mut HeaderMap) {
    normalise::remove(headers, |name| matches!(name, "content-length" | "content-type" | "content-encoding"));
}

/// Says how much may still come, by the limit that leaves least (draft-ietf-httpapi-ratelimit-headers).
fn say_limit(headers: &mut HeaderMap, seen: &Seen) {
    let (rule, verdict) = (&seen.limit.rule, &seen.verdict);
    let policy = format!("\"{}\";q={};w={}", rule.name, rule.requests, rule.seconds);
    let left = format!("\"{}\";r={};t={}", rule.name, verdict.remaining, seconds(verdict.reset_us));
    for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    if let Some(wait_us) = verdict.wait_us {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait_us)));
    }
}

/// Returns microseconds in seconds, rounded up.
fn seconds(us: u64) -> u64 {
    us.div_ceil(1_000_000)
}

fn refuse(exchange: &Exchange, refusal: Refusal) -> Response<Content> {
    let mut response = if exchange.grpc { in_status(refusal) } else { in_words(exchange, refusal) };
    response.headers_mut().insert(REASON, HeaderValue::from_static(refusal.reason()));
    response
}

/// Says a refusal to a call of gRPC: an answer of trailers alone (gRPC over HTTP/2, "Responses").
fn in_status(refusal: Refusal) -> Response<Content> {
    let mut response = Response::new(Content::Whole(None));
    *response.headers_mut() = Status::of(refusal).trailers(&refusal.to_string());
    response.headers_mut().insert(header::CONTENT_TYPE, grpc::KIND);
    response
}

/// Says a refusal in words, to programs or to people.
fn in_words(exchange: &Exchange, refusal: Refusal) -> Response<Content> {
    let path = exchange.head.uri.path();
    let html = !path.starts_with("/api/") && problem::prefers_html(exchange.accept.as_ref());
    let limit =
        exchange.rate.as_ref().filter(|_| refusal == Refusal::TooMany).map(|seen| seen.limit.rule.name.as_str());
    let language = problem::language(&exchange.head.headers);
    let (kind, text) = Said { refusal, id: exchange.record.id, limit, language }.render(html);
    let mut response = Response::new(Content::Whole(Some(Bytes::from(text))));
    *response.status_mut() = refusal.status();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if html && let Ok(policy) = HeaderValue::try_from(problem::policy(exchange.record.id)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if refusal.passes() {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    if refusal == Refusal::Credential {
        headers.insert(header::WWW_AUTHENTICATE, BEARER);
    }
    if is_unread(exchange) || refusal.closes() {
        headers.insert(header::CONNECTION, CLOSE);
    }
    response
}

/// Returns whether the client still sends a body, which would be taken for its next request. Requests of HTTP/2 do not
/// come one after the other.
fn is_unread(exchange: &Exchange) -> bool {
    exchange.head.version != Version::HTTP_2 && exchange.body.as_ref().is_some_and(|body| !body.is_end_stream())
}
