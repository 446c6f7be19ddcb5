//! The life of a request, one file for each phase.
//!
//! Owns the order. Never holds state: everything a phase learns is in the [`Exchange`].
//! Start reading at [`ORDER`]; a listing of the folder is the same list.

use std::sync::Arc;

use http::{HeaderValue, Request, Response, request::Parts};
use hyper::body::Incoming;

use crate::{
    access_log::Record,
    body::{Answer, Content},
    refusal::Refusal,
    routes::Target,
    worker::Link,
};

mod authenticate;
mod identify;
mod limit;
mod normalise;
mod proxy;
mod respond;
mod route;

pub use self::authenticate::{COOKIE_HTTP, COOKIE_HTTPS};

/// The phases in the order in which a request passes them. A refusal skips to the last.
const ORDER: [Phase; 7] =
    [Phase::Identify, Phase::Normalise, Phase::Limit, Phase::Authenticate, Phase::Route, Phase::Proxy, Phase::Respond];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Gives the request its id and trace, and finds out where it comes from.
    Identify,
    /// Refuses what can be read in two ways, and removes what is only for the next hop.
    Normalise,
    /// Holds to the bounds.
    Limit,
    /// Finds out who asks.
    Authenticate,
    /// Finds the service.
    Route,
    /// Sends it to a node, or to another.
    Proxy,
    /// Completes the answer.
    Respond,
}

/// A request and what has been learnt about it so far.
struct Exchange {
    link: Arc<Link>,
    head: Parts,
    body: Option<Incoming>,
    record: Record,
    /// What the client likes to read, for answers of our own.
    accept: Option<HeaderValue>,
    refused: Option<Refusal>,
    response: Option<Response<Content>>,
}

impl Exchange {
    fn target(&self) -> Result<&Arc<Target>, Refusal> {
        self.record.target.as_ref().ok_or(Refusal::NoRoute)
    }
}

/// Leads a request through its life and returns the answer.
pub(crate) async fn answer(link: Arc<Link>, request: Request<Incoming>) -> Response<Answer> {
    let (head, body) = request.into_parts();
    let mut record = Record::begin(&link, link.worker.new_id(), &head.method, &head.uri);
    if let Some(status) = link.worker.shared.probes.public(head.uri.path()) {
        record.answered(status, None);
        let mut response = Response::new(Answer::new(Content::Whole(None), record));
        *response.status_mut() = status;
        return response;
    }
    let accept = head.headers.get(http::header::ACCEPT).cloned();
    let mut exchange = Exchange { link, head, body: Some(body), record, accept, refused: None, response: None };
    for phase in ORDER {
        let outcome = match phase {
            Phase::Respond => break,
            Phase::Identify => identify::run(&mut exchange),
            Phase::Normalise => normalise::run(&mut exchange),
            Phase::Limit => limit::run(&exchange),
            Phase::Authenticate => authenticate::run(&mut exchange).await,
            Phase::Route => route::run(&mut exchange),
            Phase::Proxy => proxy::run(&mut exchange).await,
        };
        if let Err(refusal) = outcome {
            exchange.refused = Some(refusal);
            break;
        }
    }
    respond::run(exchange)
}
