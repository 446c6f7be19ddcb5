//! Calls from one service to another: discovery, limit, choice, deadline, and one more try where that is safe.
//!
//! Owns the client side of a call. Never used on the way of a request from outside, except by the gateway for the
//! caller's token. Start reading at [`Channel::call`].

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header, request::Parts};
use http_body_util::{BodyExt, Full, Limited};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::{
    Discovery, Error,
    balance::{Dice, Draw, InFlight},
    decisions::{self, Decision, What},
    discovery::{Endpoint, missing},
    headers, hedge,
    hop::Hop,
    metrics,
    pool::{self, Connection, Pool},
    upstream::Upstream,
};

/// The bounds of calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Connections. Since v0.1.
    pub pool: pool::Settings,
    /// Largest answer, in bytes. Since v0.1.
    pub answer_bytes_max: usize,
    /// How often a request that may be repeated is tried on another node after the first failed. Since v0.1.
    pub retries_max: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { pool: pool::Settings::default(), answer_bytes_max: 8 << 20, retries_max: 2 }
    }
}

/// Says of a request, among its extensions, that it only reads, although its method does not say so: it is repeated and
/// hedged as a GET is.
#[derive(Debug, Clone, Copy)]
pub struct Reads;

/// A client of the installation's services. Cloning is cheap.
#[derive(Clone)]
pub struct Channel(Arc<Inner>);

struct Inner {
    settings: Settings,
    discovery: Discovery,
    pool: Arc<Pool<Full<Bytes>>>,
    dice: Dice,
}

impl Channel {
    /// Returns a channel to the services that `discovery` sees.
    pub fn new(discovery: Discovery, settings: Settings) -> Self {
        let pool = Pool::new(settings.pool.clone());
        Self(Arc::new(Inner { settings, discovery, pool, dice: Dice::default() }))
    }

    /// Sends `request`, whose URI is a path, to a node of `service`, and returns the whole answer before `deadline`.
    ///
    /// Work that begins here; what is done for a request that came in goes through [`Channel::call_for`].
    pub async fn call(
        &self,
        service: &str,
        request: Request<Bytes>,
        deadline: Duration,
    ) -> Result<Response<Bytes>, Error> {
        self.call_for(&Hop::begin(deadline, Instant::now()), service, request).await
    }

    /// Sends `request` on behalf of `hop`, whose deadline, trace and caller go along.
    ///
    /// A request that failed, or was answered by 502 to 504, is repeated on another node when its method is idempotent or
    /// nothing of it was sent, and the budgets allow; what [`Reads`] is idempotent. One that is idempotent and takes far longer than nearly all answers
    /// is sent to a second node as well, and the first answer counts: see [`crate::hedge`].
    pub async fn call_for(&self, hop: &Hop, service: &str, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let outcome = timeout_at(hop.until(), self.0.permitted(hop, service, request)).await;
        let outcome = outcome.unwrap_or(Err(Error::Timeout));
        metrics::CALLS.with(&[service, if outcome.is_ok() { "answered" } else { "failed" }]).increment();
        outcome
    }
}

/// A call under way.
struct Call<'a> {
    hop: &'a Hop,
    service: &'a str,
    upstream: &'a Upstream,
    parts: &'a Parts,
    body: &'a Bytes,
}

impl Inner {
    /// Makes the call when the upstream's limit allows one more.
    async fn permitted(&self, hop: &Hop, service: &str, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let upstream = {
            let view = self.discovery.view();
            let found = view.service(service).ok_or_else(|| missing(service))?;
            Arc::clone(found.upstream().ok_or_else(|| missing(service))?)
        };
        let limiter = upstream.limiter();
        let permit = limiter.admit(hop.waited_for()).await.ok_or_else(|| Error::Overloaded(service.to_owned()))?;
        let began = Instant::now();
        upstream.budget().deposit(began);
        let (parts, body) = request.into_parts();
        let call = Call { hop, service, upstream: &upstream, parts: &parts, body: &body };
        let outcome = self.tries(&call).await;
        match &outcome {
            Ok(answer) if !is_ill(answer) => {
                upstream.latencies().observe(began.elapsed());
                permit.answered(began.elapsed());
            }
            Ok(_) | Err(_) => permit.failed(),
        }
        outcome
    }

    async fn tries(&self, call: &Call<'_>) -> Result<Response<Bytes>, Error> {
        let Some(first) = self.choose(call.service, &[]) else {
            return Err(missing(call.service));
        };
        let mut tried = vec![Arc::clone(&first)];
        let mut outcome = self.hedged(call, first, false).await;
        for _ in 0..self.settings.retries_max {
            let (answer, repeatable) = match &outcome {
                Ok(answer) => (Some(answer.headers()), is_ill(answer) && is_repeatable(call.parts)),
                Err(failure) => (None, failure.unsent || is_repeatable(call.parts)),
            };
            if !repeatable || !call.hop.may_repeat(answer, call.upstream.budget(), Instant::now()) {
                break;
            }
            let Some(next) = self.choose(call.service, &tried) else {
                break;
            };
            metrics::REPEATED.with(&[call.service, "retry"]).increment();
            let (service, node) = (Arc::clone(call.upstream.name()), tried.last().map(|last| last.node.id));
            decisions::tell(Decision { service, node, what: What::FailedOver });
            tried.push(Arc::clone(&next));
            outcome = self.hedged(call, next, true).await;
        }
        if outcome.as_ref().map_or(true, is_ill) {
            call.hop.exhaust();
        }
        outcome.map_err(|failure| failure.error)
    }

    /// Sends the request to `first`, and when that takes long to another node as well.
    async fn hedged(&self, call: &Call<'_>, first: Arc<Endpoint>, repeated: bool) -> Result<Response<Bytes>, Failure> {
        let delay = call.upstream.hedge_delay().filter(|_| is_repeatable(call.parts));
        let Some(delay) = delay else {
            return self.attempt(call, &first, repeated).await;
        };
        let began = Instant::now();
        let mut one = pin!(self.attempt(call, &first, repeated));
        tokio::select! {
            outcome = &mut one => return outcome,
            () = tokio::time::sleep(delay) => {}
        }
        let mut tried = vec![Arc::clone(&first)];
        let further = || {
            let other = self.another(call, &tried)?;
            metrics::REPEATED.with(&[call.service, "hedge"]).increment();
            tried.push(Arc::clone(&other));
            Some(async move { self.attempt(call, &other, true).await })
        };
        let good = |outcome: &Result<Response<Bytes>, Failure>| outcome.as_ref().is_ok_and(|answer| !is_ill(answer));
        let raced = hedge::race(one, further, good).await;
        if raced.overtaken {
            metrics::REPEATED.with(&[call.service, "hedge_won"]).increment();
            first.load().kept_waiting(began, Instant::now());
        }
        raced.outcome
    }

    /// Chooses the node that a further request goes to, if there is one and leave for it.
    fn another(&self, call: &Call<'_>, tried: &[Arc<Endpoint>]) -> Option<Arc<Endpoint>> {
        let (view, now) = (self.discovery.view(), Instant::now());
        let choice = Draw { dice: &self.dice, now, key: None };
        let other = hedge::another(&view.service(call.service)?.balancer, choice, tried)?;
        let may = tried.len() <= self.settings.retries_max as usize && call.hop.may_hedge(call.upstream.budget(), now);
        may.then(|| Arc::clone(other))
    }

    /// Chooses a node; another than those `tried`, unless there is no other.
    fn choose(&self, service: &str, tried: &[Arc<Endpoint>]) -> Option<Arc<Endpoint>> {
        let view = self.discovery.view();
        let balancer = &view.service(service)?.balancer;
        let has_failed = |endpoint: &Endpoint| tried.iter().any(|other| other.serial() == endpoint.serial());
        let choice = Draw { dice: &self.dice, now: Instant::now(), key: None };
        balancer.pick(choice, has_failed).or_else(|| balancer.pick(choice, |_| false)).cloned()
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        endpoint: &Arc<Endpoint>,
        repeated: bool,
    ) -> Result<Response<Bytes>, Failure> {
        let mut request = Request::from_parts(call.parts.clone(), Full::new(call.body.clone()));
        call.hop.send_along(request.headers_mut(), repeated, self.dice.throw(), Instant::now());
        address(&mut request, endpoint);
        let in_flight = InFlight::begin(Arc::clone(endpoint), Instant::now());
        let (connection, response) = self.send(endpoint, request).await.inspect_err(|failure| {
            // Our own bound on connections says nothing about the node.
            if !matches!(failure.error, Error::Exhausted { .. }) {
                in_flight.failed(Instant::now());
            }
        })?;
        match response.status().as_u16() {
            429 => in_flight.refused(headers::retry_after(response.headers()), Instant::now()),
            502..=504 => in_flight.failed(Instant::now()),
            _ => in_flight.answered(Instant::now()),
        }
        let bytes_max = self.settings.answer_bytes_max;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, bytes_max).collect().await.map_err(|error| Failure {
            unsent: false,
            error: match error.downcast::<hyper::Error>() {
                Ok(source) => Error::Broken { address: endpoint.node.address, source: *source },
                Err(_) => Error::TooLarge { bytes_max },
            },
        })?;
        connection.release(&self.pool);
        Ok(Response::from_parts(parts, body.to_bytes()))
    }

    async fn send(
        &self,
        endpoint: &Arc<Endpoint>,
        mut request: Request<Full<Bytes>>,
    ) -> Result<(Connection<Full<Bytes>>, Response<hyper::body::Incoming>), Failure> {
        loop {
            let connected = self.pool.checkout(endpoint).await;
            let mut connection = connected.map_err(|error| Failure { unsent: true, error })?;
            match connection.send(request).await {
                Ok(response) => return Ok((connection, response)),
                Err(failed) => match failed.unsent {
                    // The idle connection had been closed meanwhile: the next one may stand, a new one will.
                    Some(unsent) if connection.reused() => request = unsent,
                    unsent => return Err(Failure { unsent: unsent.is_some(), error: failed.error }),
                },
            }
        }
    }
}

struct Failure {
    unsent: bool,
    error: Error,
}

/// Returns whether a request of this method may be sent twice (RFC 9110, 9.2.2).
pub fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE | Method::TRACE)
}

fn is_repeatable(parts: &Parts) -> bool {
    is_idempotent(&parts.method) || parts.extensions.get::<Reads>().is_some()
}

/// Returns whether an answer says that the node, or what is behind it, is ill.
fn is_ill<B>(answer: &Response<B>) -> bool {
    matches!(answer.status().as_u16(), 502..=504)
}

fn address(request: &mut Request<Full<Bytes>>, endpoint: &Endpoint) {
    let headers = request.headers_mut();
    if !headers.contains_key(header::HOST)
        && let Ok(host) = HeaderValue::from_str(&endpoint.node.address.to_string())
    {
        headers.insert(header::HOST, host);
    }
}

#[cfg(test)]
mod tests;
