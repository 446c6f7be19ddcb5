//! Calls from one service to another: discovery, choice, deadline, and one more try where that is safe.
//!
//! Owns the client side of a call. Never used on the way of a request from outside, except by the gateway for the
//! caller's token. Start reading at [`Channel::call`].

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::{
    Discovery, Error,
    balance::{Dice, Draw, InFlight},
    discovery::{Endpoint, missing},
    headers, metrics,
    pool::{self, Connection, Pool},
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
        Self { pool: pool::Settings::default(), answer_bytes_max: 8 << 20, retries_max: 1 }
    }
}

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
    /// A request that failed is tried on another node when its method is idempotent or nothing of it was sent.
    pub async fn call(
        &self,
        service: &str,
        request: Request<Bytes>,
        deadline: Duration,
    ) -> Result<Response<Bytes>, Error> {
        let until = Instant::now() + deadline;
        let outcome = timeout_at(until, self.0.tries(service, request, until)).await.unwrap_or(Err(Error::Timeout));
        metrics::CALLS.with(&[service, if outcome.is_ok() { "answered" } else { "failed" }]).increment();
        outcome
    }
}

impl Inner {
    async fn tries(&self, service: &str, request: Request<Bytes>, until: Instant) -> Result<Response<Bytes>, Error> {
        let (parts, body) = request.into_parts();
        let mut failed: Option<(Arc<Endpoint>, Error)> = None;
        for _ in 0..=self.settings.retries_max {
            let Some(endpoint) = self.choose(service, failed.as_ref().map(|(endpoint, _)| endpoint)) else {
                break;
            };
            let mut request = Request::from_parts(parts.clone(), Full::new(body.clone()));
            address(&mut request, &endpoint, until);
            match self.attempt(&endpoint, request).await {
                Ok(response) => return Ok(response),
                Err(failure) if failure.unsent || is_idempotent(&parts.method) => {
                    failed = Some((endpoint, failure.error));
                }
                Err(failure) => return Err(failure.error),
            }
        }
        Err(failed.map_or_else(|| missing(service), |(_, error)| error))
    }

    /// Chooses a node; another than `last` unless it is the only one.
    fn choose(&self, service: &str, last: Option<&Arc<Endpoint>>) -> Option<Arc<Endpoint>> {
        let view = self.discovery.view();
        let balancer = &view.service(service)?.balancer;
        let is_last = |endpoint: &Endpoint| last.is_some_and(|last| last.serial() == endpoint.serial());
        let choice = Draw { dice: &self.dice, now: Instant::now(), key: None };
        balancer.pick(choice, is_last).or_else(|| balancer.pick(choice, |_| false)).cloned()
    }

    async fn attempt(
        &self,
        endpoint: &Arc<Endpoint>,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, Failure> {
        let in_flight = InFlight::begin(Arc::clone(endpoint), Instant::now());
        let (connection, response) =
            self.send(endpoint, request).await.inspect_err(|_| in_flight.failed(Instant::now()))?;
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

fn address(request: &mut Request<Full<Bytes>>, endpoint: &Endpoint, until: Instant) {
    let left = until.saturating_duration_since(Instant::now()).as_millis();
    let headers = request.headers_mut();
    headers.insert(headers::DEADLINE, HeaderValue::from(u64::try_from(left).unwrap_or(u64::MAX)));
    if !headers.contains_key(header::HOST)
        && let Ok(host) = HeaderValue::from_str(&endpoint.node.address.to_string())
    {
        headers.insert(header::HOST, host);
    }
}

#[cfg(test)]
mod tests;
