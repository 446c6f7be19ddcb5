//! The life of a request, one file for each phase.
//!
//! Owns the order. Never holds state: everything a phase learns is in the [`Exchange`].
//! Start reading at [`ORDER`]; a listing of the folder is the same list.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderValue, Response, StatusCode, request::Parts};
use uuid::Uuid;

use crate::{
    access_log::Record,
    body::{Answer, Content, Inbound},
    compression::{self, Wish},
    grpc,
    rates::{Asking, Seen},
    refusal::Refusal,
    routes::{Entry, Target},
    tunnel::handshake,
    worker::Link,
};

mod authenticate;
mod cache;
mod identify;
mod limit;
mod mirror;
pub(crate) mod normalise;
mod proxy;
mod quota;
mod respond;
mod rewrite;
mod route;

pub(crate) use self::authenticate::cookie;
pub use self::authenticate::{COOKIE_HTTP, COOKIE_HTTPS};
pub(crate) use self::{normalise::is_unambiguous, proxy::is_hedged, respond::hsts};

/// Takes a head through what is refused and removed of it on the bytes alone, for fuzz targets and tests.
#[cfg(any(test, fuzzing))]
pub(crate) fn normalised(head: &mut Parts) -> Result<(), Refusal> {
    normalise::head(head)
}

/// Reads from a head whatever the phases read, for fuzz targets and tests.
#[cfg(any(test, fuzzing))]
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
const ORDER: [Phase; 10] = [
    Phase::Identify,
    Phase::Normalise,
    Phase::Limit,
    Phase::Route,
    Phase::Authenticate,
    Phase::Quota,
    Phase::Cache,
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
    /// Holds to the bounds, and to the limits by address.
    Limit,
    /// Finds the route and its backend, or answers with its redirect.
    Route,
    /// Finds out who asks, which only our own services are told.
    Authenticate,
    /// Holds to the limits that depend on who asks for what.
    Quota,
    /// Answers from memory what is the same for everybody.
    Cache,
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
    /// Whether the client asks to leave HTTP for WebSocket, and its way allows that.
    upgrade: bool,
    record: Record,
    /// The request's id, as headers say it.
    id: HeaderValue,
    /// The route it takes.
    entry: Option<Arc<Entry>>,
    /// The client's address.
    client: IpAddr,
    /// Who asks.
    person: Option<Uuid>,
    tenant: Option<Uuid>,
    /// The limit that leaves least.
    rate: Option<Seen>,
    /// What may be kept of the answer.
    seeking: Option<Box<cache::Seeking>>,
    /// The page's origin, where a browser says it.
    origin: Option<HeaderValue>,
    /// How the client likes its answer coded.
    wish: Wish,
    /// What the client likes to read, for answers of our own.
    accept: Option<HeaderValue>,
    /// Whether it is a call of gRPC, to which refusals are said in its own way.
    grpc: bool,
    /// Whether the client says that it reads trailers, and gets them.
    trailers: bool,
    refused: Option<Refusal>,
    response: Option<Response<Content>>,
}

impl Exchange {
    fn of(link: Arc<Link>, mut head: Parts, body: Option<Inbound>, record: Record) -> Self {
        let mut wish = Wish::of(&head.method, &head.headers);
        wish.held = compression::unmark(&mut head.headers);
        Self {
            seeking: None,
            client: link.peer,
            person: None,
            tenant: None,
            rate: None,
            origin: head.headers.get(http::header::ORIGIN).cloned(),
            wish,
            accept: head.headers.get(http::header::ACCEPT).cloned(),
            grpc: grpc::is_call(head.version, &head.headers),
            trailers: false,
            link,
            head,
            body,
            upgrade: false,
            id: identify::id_value(record.id),
            record,
            entry: None,
            refused: None,
            response: None,
        }
    }

    /// Returns the same request without a body and with a record of its own.
    fn copy(&self) -> Self {
        let worker = &self.link.worker;
        let mut record = Record::begin(&self.link, worker.new_id(), &self.head.method, &self.head.uri);
        record.target.clone_from(&self.record.target);
        let mut copy = Self::of(Arc::clone(&self.link), self.head.clone(), None, record);
        copy.entry.clone_from(&self.entry);
        copy
    }

    fn target(&self) -> Result<&Arc<Target>, Refusal> {
        self.record.target.as_ref().ok_or(Refusal::NoRoute)
    }

    /// Returns what limits go by.
    fn asking(&self) -> Asking<'_> {
        let (method, path) = (&self.head.method, self.head.uri.path());
        Asking { address: self.client, person: self.person, tenant: self.tenant, method, path }
    }

    /// Takes in what limits said.
    fn limited(&mut self, outcome: Result<Option<Seen>, Seen>) -> Result<(), Refusal> {
        match outcome {
            Ok(None) => Ok(()),
            Ok(Some(seen)) => {
                self.rate = Some(seen.tighter(self.rate.take()));
                Ok(())
            }
            Err(seen) => {
                self.rate = Some(seen);
                Err(Refusal::TooMany)
            }
        }
    }
}

/// Leads a request through its life and returns the answer.
pub(crate) async fn answer(link: Arc<Link>, head: Parts, body: Option<Inbound>) -> Response<Answer> {
    let mut record = Record::begin(&link, link.worker.new_id(), &head.method, &head.uri);
    let probed = Some(head.uri.path()).filter(|_| !handshake::is_extended(&head));
    if let Some(status) = probed.and_then(|path| link.worker.shared.probes.public(path)) {
        record.answered(status, None);
        let mut response = Response::new(Answer::new(Content::Whole(None), record));
        *response.status_mut() = status;
        return response;
    }
    if let Some(answer) = link.worker.shared.challenges.answer(head.uri.path()) {
        record.answered(StatusCode::OK, None);
        return Response::new(Answer::new(Content::Whole(Some(answer)), record));
    }
    let mut exchange = Exchange::of(link, head, body, record);
    for phase in ORDER {
        let outcome = match phase {
            Phase::Respond => break,
            Phase::Identify => {
                identify::run(&mut exchange);
                Ok(())
            }
            Phase::Normalise => normalise::run(&mut exchange),
            Phase::Limit => limit::run(&mut exchange).await,
            Phase::Route => route::run(&mut exchange),
            Phase::Authenticate => authenticate::run(&mut exchange).await,
            Phase::Quota => quota::run(&mut exchange).await,
            Phase::Rewrite => rewrite::run(&mut exchange),
            Phase::Cache => cache::run(&mut exchange).await,
            Phase::Proxy => {
                exchange.link.worker.fall_in().await;
                let outcome = proxy::run(&mut exchange).await;
                cache::keep(&mut exchange, outcome).await
            }
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
    let mut exchange = Exchange::of(Arc::clone(link), head, None, record);
    exchange.refused = Some(refusal);
    respond::run(exchange)
}
