//! Sends the request to a node of its service, and to another when the first fails and that is safe.
//!
//! Safe means: nothing of the request was sent, or sending it twice has one effect (an idempotent method, or an
//! Idempotency-Key) and its body is at hand. Everything else fails as it failed. An answer of 502 to 504 is a failure,
//! too, unless it says that it has been repeated below. Each try tells the service how much of the time is left.
//! `http1` and `http2` are one try at a node, by what it speaks; `hedge` asks a second one when the first takes long.

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
    decisions::{self, Decision, What},
    discovery::Endpoint,
    headers::{self, retry_after},
};
use tokio::time::Instant;

use super::{Exchange, mirror};
use crate::{
    activity::{TICK, ticks},
    body::{Content, Download, Inbound, Progress, Upload},
    grpc, outside,
    refusal::Refusal,
    routes::file::Protocol,
    tunnel::{self, Tunnel},
    upstream::{self, Head, Upstream, http2 as http2_upstream},
    worker::Link,
};

mod hedge;
mod http1;
mod http2;

pub(crate) use self::hedge::is_hedged;
use self::hedge::{Tried, is_harmless};

const UPGRADE: HeaderValue = HeaderValue::from_static("upgrade");
const TRAILERS: HeaderValue = HeaderValue::from_static("trailers");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) async fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    let mut send = Sending::prepare(exchange).await?;
    let mut body = send.first.take().unwrap_or_else(Upload::empty);
    let mut failed: Vec<Arc<Endpoint>> = Vec::new();
    let mut now = send.began;
    loop {
        let endpoint = choose(exchange, &failed, now)?;
        if failed.is_empty() {
            endpoint.load().upstream().budget().deposit(now);
        }
        let Tried { outcome, by, hedges } = {
            let first = pin!(send.attempt(&exchange.link, &endpoint, body, now));
            send.hedged(exchange, &endpoint, first, now).await
        };
        let endpoint = by.unwrap_or(endpoint);
        exchange.record.retries += hedges;
        let again = match outcome {
            Ok(answer) => match send.replay.clone().filter(|_| may_repeat_answer(exchange, &answer)) {
                Some(replay) if send.may_repeat(exchange, &endpoint, 0) => Upload::whole(replay),
                _ => {
                    exchange.response = Some(answer);
                    return Ok(());
                }
            },
            Err(failure) => {
                let again =
                    failure.unsent.or_else(|| send.replay.clone().filter(|_| failure.passes).map(Upload::whole));
                again.filter(|_| send.may_repeat(exchange, &endpoint, 0)).ok_or(failure.refusal)?
            }
        };
        let name = Arc::clone(endpoint.load().upstream().name());
        decisions::tell(Decision { service: name, node: Some(endpoint.node.id), what: What::FailedOver });
        exchange.record.retries += 1;
        exchange.target()?.metrics.retries.increment();
        now = Instant::now();
        send = send.again(exchange, &again, now)?;
        body = again;
        failed.push(endpoint);
    }
}

/// Returns whether an answer reports a failure that another node may not have, and that nobody has repeated yet.
fn may_repeat_answer(exchange: &Exchange, answer: &Response<Content>) -> bool {
    let others = exchange.target().is_ok_and(|target| target.service.endpoints.len() > 1);
    reports_failure(answer) && others && !answer.headers().contains_key(headers::FINAL)
}

fn reports_failure(answer: &Response<Content>) -> bool {
    matches!(answer.status().as_u16(), 502..=504)
}

/// Chooses a node; another than those that failed, unless there is no other.
fn choose(exchange: &Exchange, failed: &[Arc<Endpoint>], now: Instant) -> Result<Arc<Endpoint>, Refusal> {
    let target = exchange.target()?;
    let choice = Draw { dice: &exchange.link.worker.dice, now, key: None };
    let balancer = &target.service.balancer;
    let has_failed = |endpoint: &Endpoint| failed.iter().any(|other| other.serial() == endpoint.serial());
    let chosen = balancer.pick(choice, has_failed).or_else(|| balancer.pick(choice, |_| false));
    chosen.cloned().ok_or(Refusal::NoNode)
}

/// A request on its way, and what is needed to send it again.
struct Sending {
    head: Head,
    first: Option<Upload>,
    /// The body for another try, where the request may be repeated.
    replay: Option<Bytes>,
    /// The progress of a body that is passed on as it comes.
    progress: Option<Arc<Progress>>,
    /// When the first try began.
    began: Instant,
    /// Until a node must have begun to answer, in ticks; what is left of it, from the second try on.
    response_ticks: u32,
    /// When nobody waits any longer for an answer to begin.
    until: Instant,
    /// When the client of a call stops waiting for all of it.
    deadline: Option<Instant>,
    /// Whether a second node may be asked while the first is.
    hedges: bool,
}

/// What an answer comes on whose head has come.
enum Answered {
    Http1(upstream::Body, Box<Upstream>),
    Http2(h2::RecvStream, http2_upstream::Call),
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
        let protocol = target.protocol;
        let response_ticks = target.response_ticks.unwrap_or(exchange.link.worker.shared.ticks.response);
        let head = &exchange.head;
        let repeatable = is_idempotent(&head.method) || head.headers.contains_key(&IDEMPOTENCY_KEY);
        let (body, progress) = take_body(exchange, repeatable).await?;
        let replay = match &body {
            Upload::Whole(bytes) if repeatable => Some(bytes.clone().unwrap_or_default()),
            Upload::Whole(_) | Upload::Stream(_) => None,
        };
        if let Upload::Whole(bytes) = &body {
            mirror::send(exchange, &bytes.clone().unwrap_or_default());
        }
        let began = Instant::now();
        let deadline = speak(exchange, protocol);
        let last = began + TICK * response_ticks;
        let until = deadline.map_or(last, |deadline| deadline.min(last));
        if !exchange.target()?.outside {
            say_along(&mut exchange.head, until.saturating_duration_since(began), 1);
        }
        let body = if protocol == Protocol::Http2 { body.with_trailers() } else { body };
        let head = Head::of(protocol, &exchange.head, &body).ok_or(Refusal::AmbiguousHost)?;
        let hedges = matches!(body, Upload::Whole(None)) && is_harmless(&exchange.head.method, exchange.target()?);
        Ok(Self { head, first: Some(body), replay, progress, began, response_ticks, until, deadline, hedges })
    }

    /// Returns whether there is leave and time for another try after one at `endpoint`, and takes it out of the budget;
    /// `more` tries are not in the record yet.
    fn may_repeat(&self, exchange: &Exchange, endpoint: &Endpoint, more: u32) -> bool {
        let now = Instant::now();
        let retries_max = exchange.link.worker.shared.settings.retries_max;
        exchange.record.retries + more < retries_max
            && now < self.until
            && endpoint.load().upstream().budget().withdraw(now)
    }

    /// Returns the same request for another try at `now`, which has what is left of the time; a service of ours is told
    /// that, and that it is not to repeat it.
    fn again(&self, exchange: &Exchange, body: &Upload, now: Instant) -> Result<Self, Refusal> {
        let left = self.until.saturating_duration_since(now);
        let target = exchange.target()?;
        let mut head = exchange.head.clone();
        if !target.outside {
            say_along(&mut head, left, 0);
        }
        Ok(Self {
            head: Head::of(target.protocol, &head, body).ok_or(Refusal::AmbiguousHost)?,
            first: None,
            replay: self.replay.clone(),
            progress: self.progress.clone(),
            response_ticks: ticks(u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
            ..*self
        })
    }

    async fn attempt(
        &self,
        link: &Link,
        endpoint: &Arc<Endpoint>,
        body: Upload,
        now: Instant,
    ) -> Result<Response<Content>, Failure> {
        let in_flight = InFlight::begin(Arc::clone(endpoint), now);
        let answered = match &self.head {
            Head::Http1(head) => self.exchange(link, endpoint, head, body).await,
            Head::Http2(head) => Box::pin(self.call(link, endpoint, head, body)).await,
        };
        let response = answered.inspect_err(|failure| match failure.refusal {
            Refusal::ServiceSlow => endpoint.load().kept_waiting(now, Instant::now()),
            Refusal::Overloaded => {}
            _ if failure.passes => in_flight.failed(Instant::now()),
            _ => {}
        })?;
        match response.status().as_u16() {
            429 => in_flight.refused(retry_after(response.headers()), Instant::now()),
            502..=504 => in_flight.failed(Instant::now()),
            // The time of an upload is the client's, and says nothing about the node.
            _ if self.progress.is_none() => {
                let answered = Instant::now();
                in_flight.answered(answered);
                if self.hedges {
                    endpoint.load().upstream().latencies().observe(answered.saturating_duration_since(now));
                }
            }
            _ => {}
        }
        Ok(self.content(link, in_flight, response))
    }

    /// Returns the answer with what is still to come of it.
    fn content(&self, link: &Link, in_flight: InFlight<Endpoint>, response: Response<Answered>) -> Response<Content> {
        let worker = &link.worker;
        let idle = (Arc::clone(&link.activity), worker.shared.ticks.stream_idle);
        let (head, answered) = response.into_parts();
        let content = match answered {
            Answered::Http1(_, connection) if head.status == StatusCode::SWITCHING_PROTOCOLS => {
                Content::Tunnel(Box::new(Tunnel::new(connection, in_flight)))
            }
            Answered::Http1(body, connection) => {
                let connection = (connection, Arc::clone(&worker.pool));
                Content::Service(Box::new(Download::new(body, connection, in_flight, idle)))
            }
            Answered::Http2(stream, call) => {
                let answer = (stream, &head.headers);
                Content::Http2(Box::new(http2_upstream::Download::new(answer, call, in_flight, self.deadline, idle)))
            }
        };
        Response::from_parts(head, content)
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

/// Writes what is only said by the protocol of the target; returns when the client stops waiting for all of a call.
fn speak(exchange: &mut Exchange, protocol: Protocol) -> Option<Instant> {
    let headers = &mut exchange.head.headers;
    match protocol {
        Protocol::Http1 => {
            if exchange.upgrade {
                headers.insert(header::CONNECTION, UPGRADE);
                headers.insert(header::UPGRADE, tunnel::PROTOCOL);
            }
            None
        }
        Protocol::Http2 => {
            if exchange.trailers {
                headers.insert(header::TE, TRAILERS);
            }
            let wait = grpc::timeout(headers).filter(|_| exchange.grpc)?;
            exchange.record.started.checked_add(wait)
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
        let refusal = match error {
            Error::Exhausted { .. } => Refusal::Overloaded,
            Error::Connect { source, .. } if outside::is_disagreement(source) => Refusal::NotSecured,
            _ => Refusal::NoNode,
        };
        Self { refusal, unsent: Some(body), passes: true }
    }
}

/// Takes the request's body: whole where it is small and may be sent twice, or else as it comes.
async fn take_body(exchange: &mut Exchange, repeatable: bool) -> Result<(Upload, Option<Arc<Progress>>), Refusal> {
    let Some(body) = exchange.body.take().filter(|body| !body.is_end_stream()) else {
        return Ok((Upload::empty(), None));
    };
    let whole_bytes_max = exchange.link.worker.shared.settings.limits.replay_bytes_max;
    if repeatable && body.size_hint().exact().is_some_and(|bytes| bytes <= whole_bytes_max) {
        return Ok((Upload::whole(Box::pin(gather(&exchange.link, body)).await?), None));
    }
    let (upload, progress) = Upload::stream(body, exchange.target()?.body_bytes_max);
    Ok((upload, Some(progress)))
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
