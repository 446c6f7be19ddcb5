//! Gives the request its id and its place in a trace, and finds out where it comes from.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use mesh::headers;
use uuid::Uuid;

use super::Exchange;
use crate::{trace::Traceparent, worker::Worker};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const HTTPS: HeaderValue = HeaderValue::from_static("https");
const HTTP: HeaderValue = HeaderValue::from_static("http");
/// Longest `tracestate` passed on, in bytes (W3C Trace Context, 3.3.1.5).
const TRACESTATE_BYTES_MAX: usize = 512;

pub(super) fn run(exchange: &mut Exchange) {
    let worker = &exchange.link.worker;
    let headers = &mut exchange.head.headers;
    let client = client(worker, headers, exchange.link.peer);
    exchange.client = client.unwrap_or(exchange.link.peer);
    remove_claims(headers);
    let forwarded_for = match client {
        Some(client) => HeaderValue::from_str(&client.to_string()).ok(),
        None => Some(exchange.link.peer_text.clone()),
    };
    if let Some(address) = forwarded_for {
        headers.insert(FORWARDED_FOR, address);
    }
    headers.insert(FORWARDED_PROTO, if exchange.link.https { HTTPS } else { HTTP });
    if let Some(host) = headers.get(header::HOST).cloned() {
        headers.insert(FORWARDED_HOST, host);
    }
    headers.insert(headers::REQUEST_ID, exchange.id.clone());
    trace(headers, worker);
}

/// Returns the client's address when it is not the peer's: a trusted proxy is believed about it, and nobody else.
fn client(worker: &Worker, headers: &HeaderMap, peer: IpAddr) -> Option<IpAddr> {
    let proxies = &worker.shared.settings.trusted_proxies;
    let trusted = |address: &IpAddr| proxies.iter().any(|proxy| proxy.contains(*address));
    if !trusted(&peer) {
        return None;
    }
    let claimed = headers.get(&FORWARDED_FOR).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The nearest entry that is not one of our own proxies; what lies before it is only claimed.
    let hops = claimed.rsplit(',').map(|hop| hop.trim().parse::<IpAddr>());
    hops.map_while(Result::ok).find(|hop| !trusted(hop))
}

/// Removes the headers by which only we say something.
fn remove_claims(headers: &mut HeaderMap) {
    let ours = |name: &&HeaderName| {
        let name = name.as_str();
        match name.as_bytes().first() {
            Some(b'f') => name.starts_with(headers::PREFIX) || name == "forwarded",
            Some(b'x') => name.starts_with("x-forwarded-") || name == "x-real-ip" || name == "x-request-id",
            _ => false,
        }
    };
    let claims: Vec<HeaderName> = headers.keys().filter(ours).cloned().collect();
    for name in &claims {
        headers.remove(name);
    }
}

/// Continues the client's trace, or begins one.
fn trace(headers: &mut HeaderMap, worker: &Worker) {
    let parent = headers.get(headers::TRACEPARENT).and_then(|value| Traceparent::read(value.as_bytes()));
    if parent.is_none() || headers.get(&TRACESTATE).is_some_and(|state| state.len() > TRACESTATE_BYTES_MAX) {
        headers.remove(&TRACESTATE);
    }
    let dice = &worker.dice;
    let begin = || Traceparent::begin(u128::from(dice.throw()) << 64 | u128::from(dice.throw()), 0);
    headers.insert(headers::TRACEPARENT, parent.unwrap_or_else(begin).under(dice.throw()).value());
}

/// Returns an id as a header's value.
pub(super) fn id_value(id: Uuid) -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    let text = id.as_hyphenated().encode_lower(&mut buffer);
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
