//! Sends the request to a node of its service, and to another when the first fails and that is safe.
//!
//! Safe means: nothing of the request was sent, or sending it twice has one effect (an idempotent method, or an
//! Idempotency-Key) and its body is at hand. Everything else fails as it failed. An answer of 502 to 504 is a failure,
//! too, unless it says that it has been repeated below. Each try tells the service how much of the time is left.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header, request::Parts};
use http_body::Body;
use http_body_util::BodyExt;
use mesh::{
    Error,
    balance::{Draw, InFlight},
    channel::is_idempotent,
    discovery::Endpoint,
    headers::{self, retry_after},
};
use tokio::time::Instant;
use tracing::debug;

use super::{Exchange, mirror};
use crate::{
    activity::{TICK, ticks},
    body::{Content, Download, Inbound, Progress, Upload},
    refusal::Refusal,
    tunnel::{self, Tunnel},
    upstream::{self, Broken, Encoded, Outgoing, Upstream},
    worker::Link,
};

const UPGRADE: HeaderValue = HeaderValue::from_static("upgrade");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) async fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    let mut send = Sending::prepare(exchange).await?;
    let mut body = send.first.take().unwrap_or_else(Upload::empty);
    let mut failed: Option<Arc<Endpoint>> = None;
    let mut now = send.began;
    loop {
        let endpoint = choose(exchange, failed.as_ref(), now)?;
        if failed.is_none() {
            endpoint.load().upstream().budget().deposit(now);
        }
        let again = match send.attempt(&exchange.link, &endpoint, body, now).await {
            Ok(answer) => match send.replay.clone().filter(|_| may_repeat_answer(exchange, &answer)) {
                Some(replay) if send.may_repeat(exchange, &endpoint) => Upload::whole(replay),
                _ => {
                    exchange.response = Some(answer);
                    return Ok(());
                }
            },
            Err(failure) => {
                let again =
                    failure.unsent.or_else(|| send.replay.clone().filter(|_| failure.passes).map(Upload::whole));
                again.filter(|_| send.may_repeat(exchange, &endpoint)).ok_or(failure.refusal)?
            }
        };
        debug!(node.id = %endpoint.node.id, service.name = %endpoint.node.service, "request is tried again");
        exchange.record.retries += 1;
        exchange.target()?.metrics.retries.increment();
        now = Instant::now();
        send.encode_again(exchange, &again, now)?;
        body = again;
        failed = Some(endpoint);
    }
}

/// Returns whether an answer reports a failure that another node may not have, and that nobody has repeated yet.
fn may_repeat_answer(exchange: &Exchange, answer: &Response<Content>) -> bool {
    let others = exchange.target().is_ok_and(|target| target.service.endpoints.len() > 1);
    matches!(answer.status().as_u16(), 502..=504) && others && !answer.headers().contains_key(headers::FINAL)
}

/// Chooses a node; another than the one that failed, unless there is no other.
fn choose(exchange: &Exchange, failed: Option<&Arc<Endpoint>>, now: Instant) -> Result<Arc<Endpoint>, Refusal> {
    let target = exchange.target()?;
    let choice = Draw { dice: &exchange.link.worker.dice, now, key: None };
    let balancer = &target.service.balancer;
    let chosen = match failed {
        None => balancer.pick(choice, |_| false),
        Some(failed) => balancer
            .pick(choice, |endpoint| endpoint.serial() == failed.serial())
            .or_else(|| balancer.pick(choice, |_| false)),
    };
    chosen.cloned().ok_or(Refusal::NoNode)
}

/// A request on its way, and what is needed to send it again.
struct Sending {
    head: Encoded,
    first: Option<Upload>,
    /// The body for another try, where the request may be repeated.
    replay: Option<Bytes>,
    /// The progress of a body that is passed on as it comes.
    progress: Option<Arc<Progress>>,
    /// When the first try began.
    began: Instant,
    /// Until a node must have begun to answer, in ticks; what is left of it, from the second try on.
    response_ticks: u32,
    /// When nobody waits any longer.
    until: Instant,
}

/// A request that failed at one node.
struct Failure {
    refusal: Refusal,
    /// The request's body, when nothing of the request was sent.
    unsent: Option<Upload>,
    /// Whether another node may do better.
    passes: bool,
}

impl Sending {
    async fn prepare(exchange: &mut Exchange) -> Result<Self, Refusal> {
        let target = exchange.target()?;
        let bytes_max = target.body_bytes_max;
        let response_ticks = target.response_ticks.unwrap_or(exchange.link.worker.shared.ticks.response);
        let incoming = exchange.body.take().filter(|body| !body.is_end_stream());
        if exchange.upgrade {
            exchange.head.headers.insert(header::CONNECTION, UPGRADE);
            exchange.head.headers.insert(header::UPGRADE, tunnel::PROTOCOL);
        }
        let head = &exchange.head;
        let repeatable = is_idempotent(&head.method) || head.headers.contains_key(&IDEMPOTENCY_KEY);
        let replay_bytes_max = exchange.link.worker.shared.settings.limits.replay_bytes_max;
        let (body, progress) = match incoming {
            None => (Upload::empty(), None),
            Some(body) if repeatable && body.size_hint().exact().is_some_and(|bytes| bytes <= replay_bytes_max) => {
                (Upload::whole(gather(&exchange.link, body).await?), None)
            }
            Some(body) => {
                let (upload, progress) = Upload::stream(body, bytes_max);
                (upload, Some(progress))
            }
        };
        let replay = match &body {
            Upload::Whole(bytes) if repeatable => Some(bytes.clone().unwrap_or_default()),
            Upload::Whole(_) | Upload::Stream(_) => None,
        };
        if let Upload::Whole(bytes) = &body {
            mirror::send(exchange, &bytes.clone().unwrap_or_default());
        }
        let began = Instant::now();
        let until = began + TICK * response_ticks;
        let inside = !exchange.target()?.outside;
        if inside {
            say_along(&mut exchange.head, until - began, 1);
        }
        let head = &exchange.head;
        let head = Encoded::of(&head.method, &head.uri, &head.headers, &body);
        Ok(Self { head, first: Some(body), replay, progress, began, response_ticks, until })
    }

    /// Returns whether there is leave and time for another try after one at `endpoint`, and takes it out of the budget.
    fn may_repeat(&self, exchange: &Exchange, endpoint: &Endpoint) -> bool {
        let now = Instant::now();
        let retries_max = exchange.link.worker.shared.settings.retries_max;
        exchange.record.retries < retries_max && now < self.until && endpoint.load().upstream().budget().withdraw(now)
    }

    /// Writes the head anew for a repetition, which nobody below is to repeat, and which has what is left of the time.
    fn encode_again(&mut self, exchange: &mut Exchange, body: &Upload, now: Instant) -> Result<(), Refusal> {
        let left = self.until.saturating_duration_since(now);
        self.response_ticks = ticks(u64::try_from(left.as_millis()).unwrap_or(u64::MAX));
        if !exchange.target()?.outside {
            say_along(&mut exchange.head, left, 0);
        }
        let head = &exchange.head;
        self.head = Encoded::of(&head.method, &head.uri, &head.headers, body);
        Ok(())
    }

    async fn attempt(
        &self,
        link: &Link,
        endpoint: &Arc<Endpoint>,
        body: Upload,
        now: Instant,
    ) -> Result<Response<Content>, Failure> {
        let in_flight = InFlight::begin(Arc::clone(endpoint), now);
        let (connection, request, response) = self.exchange(link, endpoint, body).await.inspect_err(|failure| {
            if failure.passes && failure.refusal != Refusal::Overloaded {
                in_flight.failed(Instant::now());
            }
        })?;
        match response.status().as_u16() {
            429 => in_flight.refused(retry_after(response.headers()), Instant::now()),
            502..=504 => in_flight.failed(Instant::now()),
            // The time of an upload is the client's, and says nothing about the node.
            _ if self.progress.is_none() => in_flight.answered(Instant::now()),
            _ => {}
        }
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(response.map(|_| Content::Tunnel(Box::new(Tunnel::new(connection, in_flight)))));
        }
        let worker = &link.worker;
        let idle = (Arc::clone(&link.activity), worker.shared.ticks.stream_idle);
        let connection = (connection, Arc::clone(&worker.pool));
        Ok(response.map(|body| Content::Service(Box::new(Download::new(body, connection, request, in_flight, idle)))))
    }

    /// Sends the request on an idle connection or a new one, and waits for the head of the answer.
    async fn exchange(
        &self,
        link: &Link,
        endpoint: &Arc<Endpoint>,
        mut body: Upload,
    ) -> Result<(Upstream, Outgoing, Response<upstream::Body>), Failure> {
        let pool = &link.worker.pool;
        loop {
            let mut connection = match pool.idle(endpoint) {
                Some(connection) => connection,
                None => match pool.connect(endpoint).await {
                    Ok(connection) => connection,
                    Err(error) => return Err(Failure::unconnected(&error, body)),
                },
            };
            let mut request = Outgoing::new(self.head.clone(), body);
            let exchange = poll_fn(|cx| connection.poll_exchange(&mut request, cx));
            match within_ticks(link, self.response_ticks, self.progress.as_ref(), exchange).await {
                None => return Err(self.stalled()),
                Some(Ok(response)) => return Ok((connection, request, response)),
                Some(Err(broken)) => {
                    let unsent = request.into_unsent();
                    // The idle connection had been closed meanwhile: the next one may stand, a new one will.
                    let again = match broken {
                        Broken::Early if connection.reused() => {
                            unsent.or_else(|| self.replay.clone().map(Upload::whole))
                        }
                        Broken::Early => return Err(self.broken(unsent)),
                        Broken::Upload | Broken::Malformed => None,
                    };
                    body = again.ok_or_else(|| self.broken(None))?;
                }
            }
        }
    }

    fn stalled(&self) -> Failure {
        let client = self.progress.as_ref().is_some_and(|progress| !progress.finished());
        let refusal = if client { Refusal::TooSlow } else { Refusal::ServiceSlow };
        Failure { refusal, unsent: None, passes: false }
    }

    fn broken(&self, unsent: Option<Upload>) -> Failure {
        // A body that is wrong breaks the connection to the service, which is not the service's fault.
        match self.progress.as_ref().and_then(|progress| progress.failure()) {
            Some(refusal) => Failure { refusal, unsent: None, passes: false },
            None => Failure { refusal: Refusal::ServiceFailed, unsent, passes: true },
        }
    }
}

/// Writes how much time is left, and how often the request may still be repeated below.
fn say_along(head: &mut Parts, left: Duration, retries_left: u64) {
    let left_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    head.headers.insert(headers::DEADLINE, HeaderValue::from(left_ms));
    head.headers.insert(headers::RETRIES_LEFT, HeaderValue::from(retries_left));
}

impl Failure {
    fn unconnected(error: &Error, body: Upload) -> Self {
        let refusal = if matches!(error, Error::Exhausted { .. }) { Refusal::Overloaded } else { Refusal::NoNode };
        Self { refusal, unsent: Some(body), passes: true }
    }
}

/// Reads a small body whole.
async fn gather(link: &Link, body: Inbound) -> Result<Bytes, Refusal> {
    let gathered =
        within_ticks(link, link.worker.shared.ticks.response, None, body.collect()).await.ok_or(Refusal::TooSlow)?;
    Ok(gathered.map_err(|_| Refusal::MalformedBody)?.to_bytes())
}

/// Waits for `future` at most `limit` ticks without a body moving; `None` when that was too long. The
/// connection's driver polls it at every tick, so this needs no timer.
async fn within_ticks<F: Future>(
    link: &Link,
    limit: u32,
    progress: Option<&Arc<Progress>>,
    future: F,
) -> Option<F::Output> {
    let activity = &link.activity;
    let moved = || progress.map_or(0, |progress| progress.bytes());
    let (mut since, mut bytes) = (activity.now(), moved());
    let mut future = pin!(future);
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let now = activity.now();
        if moved() != bytes {
            (since, bytes) = (now, moved());
        }
        if now.saturating_sub(since) > limit { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}
