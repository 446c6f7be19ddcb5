//! The life of a request, one file for each phase.
//!
//! Owns the order. Never holds state: everything a phase learns is in the [`Exchange`].
//! Start reading at [`ORDER`]; a listing of the folder is the same list.

use std::sync::Arc;

use http::{HeaderValue, Response, request::Parts};

use crate::{
    access_log::Record,
    body::{Answer, Content, Inbound},
    refusal::Refusal,
    routes::{Entry, Target},
    worker::Link,
};

mod authenticate;
mod identify;
mod limit;
mod normalise;
mod proxy;
mod respond;
mod rewrite;
mod route;

pub use self::authenticate::{COOKIE_HTTP, COOKIE_HTTPS};
pub(crate) use self::{normalise::is_unambiguous, respond::hsts};

/// Takes a head through what is refused and removed of it on the bytes alone, for fuzz targets and tests.
#[cfg(any(test, fuzzing))]
pub(crate) fn normalised(head: &mut Parts) -> Result<(), Refusal> {
    normalise::head(head)
}

/// Reads from a head whatever the phases read, for fuzz targets.
#[cfg(fuzzing)]
pub(crate) fn identified(headers: &http::HeaderMap) {
    authenticate::read(headers);
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    normalise::is_unambiguous(text("path"));
    if let Some(trace) = crate::trace::Traceparent::read(text("traceparent").as_bytes()) {
        assert!(crate::trace::Traceparent::read(trace.value().as_bytes()).is_some());
    }
    let _ = normalise::remove_hop_by_hop(&mut headers.clone());
}

/// The phases in the order in which a request passes them. A refusal or an answer skips to the last.
const ORDER: [Phase; 8] = [
    Phase::Identify,
    Phase::Normalise,
    Phase::Limit,
    Phase::Route,
    Phase::Authenticate,
    Phase::Rewrite,
    Phase::Proxy,
    Phase::Respond,
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Gives the request its id and trace, and finds out where it comes from.
    Identify,
    /// Refuses what can be read in two ways, and removes what is only for the next hop.
    Normalise,
    /// Holds to the bounds.
    Limit,
    /// Finds the route and its backend, or answers with its redirect.
    Route,
    /// Finds out who asks, which only our own services are told.
    Authenticate,
    /// Changes what the route says, once everything has been decided on what the client sent.
    Rewrite,
    /// Sends it to a node, or to another.
    Proxy,
    /// Completes the answer.
    Respond,
}

/// A request and what has been learnt about it so far.
struct Exchange {
    link: Arc<Link>,
    head: Parts,
    body: Option<Inbound>,
    /// Whether the client asks to leave HTTP for WebSocket.
    upgrade: bool,
    record: Record,
    /// The route it takes.
    entry: Option<Arc<Entry>>,
    /// What the client likes to read, for answers of our own.
    accept: Option<HeaderValue>,
    refused: Option<Refusal>,
    response: Option<Response<Content>>,
}

impl Exchange {
    fn begin(link: Arc<Link>, head: Parts, body: Option<Inbound>, record: Record) -> Self {
        let accept = head.headers.get(http::header::ACCEPT).cloned();
        Self { link, head, body, upgrade: false, record, entry: None, accept, refused: None, response: None }
    }

    fn target(&self) -> Result<&Arc<Target>, Refusal> {
        self.record.target.as_ref().ok_or(Refusal::NoRoute)
    }
}

/// Leads a request through its life and returns the answer.
pub(crate) async fn answer(link: Arc<Link>, head: Parts, body: Option<Inbound>) -> Response<Answer> {
    let mut record = Record::begin(&link, link.worker.new_id(), &head.method, &head.uri);
    if let Some(status) = link.worker.shared.probes.public(head.uri.path()) {
        record.answered(status, None);
        let mut response = Response::new(Answer::new(Content::Whole(None), record));
        *response.status_mut() = status;
        return response;
    }
    let mut exchange = Exchange::begin(link, head, body, record);
    for phase in ORDER {
        let outcome = match phase {
            Phase::Respond => break,
            Phase::Identify => {
                identify::run(&mut exchange);
                Ok(())
            }
            Phase::Normalise => normalise::run(&mut exchange),
            Phase::Limit => limit::run(&exchange),
            Phase::Route => route::run(&mut exchange),
            Phase::Authenticate => authenticate::run(&mut exchange).await,
            Phase::Rewrite => rewrite::run(&mut exchange),
            Phase::Proxy => proxy::run(&mut exchange).await,
        };
        if let Err(refusal) = outcome {
            exchange.refused = Some(refusal);
        }
        if exchange.refused.is_some() || exchange.response.is_some() {
            break;
        }
    }
    respond::run(exchange)
}

/// Answers what is no request that could be led anywhere; `head` is what is known of it.
pub(crate) fn refuse(link: &Arc<Link>, head: Parts, refusal: Refusal) -> Response<Answer> {
    let record = Record::begin(link, link.worker.new_id(), &head.method, &head.uri);
    let mut exchange = Exchange::begin(Arc::clone(link), head, None, record);
    exchange.refused = Some(refusal);
    respond::run(exchange)
}
