//! Sends a share of a route's requests to a second place as well, and reads nothing of what comes back.
//!
//! Never keeps the first place waiting: the copy goes its own way, and when too many are under way there is none. Only
//! requests without a body, or with a small one that has been read, are copied.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use mesh::{
    balance::{Draw, InFlight},
    discovery::Endpoint,
};
use runtime::{OnError, TaskKind};
use tokio::time::{Instant, timeout};

use super::{Exchange, rewrite};
use crate::{
    activity::TICK,
    body::Upload,
    metrics,
    routes::Target,
    upstream::{
        Head, Outgoing,
        http2::{self, Call},
    },
    worker::Worker,
};

/// Most copies under way in the process.
const COPIES_MAX: usize = 256;
/// Most bytes read of an answer that nobody wants.
const ANSWER_BYTES_MAX: usize = 256 << 10;

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// A place among the copies under way.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let more = |count: usize| (count < COPIES_MAX).then_some(count + 1);
        UNDER_WAY.fetch_update(Relaxed, Relaxed, more).ok().map(|_| Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Relaxed);
    }
}

/// Sends a copy if the route says so and chance does. `body` is the whole body, empty for none.
pub(super) fn send(exchange: &Exchange, body: &Bytes) {
    const COPY: TaskKind = TaskKind::new("gateway-mirror", OnError::Log).aborted();
    let Some((threshold, target)) = exchange.entry.as_ref().and_then(|entry| entry.way.mirror.as_ref()) else { return };
    let worker = &exchange.link.worker;
    if exchange.upgrade || worker.dice.throw() > *threshold {
        return;
    }
    let Some(place) = Place::take() else {
        metrics::MIRRORED.with(&["dropped"]).increment();
        return;
    };
    let mut head = exchange.head.clone();
    if target.outside {
        rewrite::remove_own(&mut head.headers);
    }
    let body = Upload::whole(body.clone());
    let Some(head) = Head::of(target.protocol, &head, &body) else { return };
    let limit = TICK * target.response_ticks.unwrap_or(worker.shared.ticks.response);
    let (worker, target) = (Arc::clone(worker), Arc::clone(target));
    runtime::spawn(COPY, async move {
        let _place = place;
        let sent = timeout(limit, copy(&worker, &target, head, body)).await;
        let outcome = if sent.is_ok_and(|answered| answered) { "answered" } else { "failed" };
        metrics::MIRRORED.with(&[outcome]).increment();
    });
}

/// Sends one copy; returns whether it was answered.
async fn copy(worker: &Worker, target: &Target, head: Head, body: Upload) -> bool {
    let now = Instant::now();
    let choice = Draw { dice: &worker.dice, now, key: None };
    let Some(endpoint) = target.service.balancer.pick(choice, |_| false).cloned() else { return false };
    let in_flight = InFlight::begin(Arc::clone(&endpoint), now);
    let answered = match head {
        Head::Http1(head) => by_http1(worker, &endpoint, Outgoing::new(head, body), &in_flight).await,
        Head::Http2(head) => by_http2(worker, &endpoint, (&head, body), &in_flight).await,
    };
    if answered.is_none() {
        in_flight.failed(Instant::now());
    }
    answered.is_some()
}

async fn by_http1(
    worker: &Worker,
    endpoint: &Arc<Endpoint>,
    request: Outgoing,
    in_flight: &InFlight<Endpoint>,
) -> Option<()> {
    let mut connection = match worker.pool.idle(endpoint) {
        Some(connection) => connection,
        None => worker.pool.connect(endpoint).await.ok()?,
    };
    connection.begin(request);
    let response = poll_fn(|cx| connection.poll_exchange(cx)).await.ok()?;
    in_flight.answered(Instant::now());
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(Ok(piece)) = poll_fn(|cx| connection.poll_body(&mut body, cx)).await {
        bytes += piece.len();
        if bytes > ANSWER_BYTES_MAX {
            break;
        }
    }
    if body.leaves_connection() && connection.is_sent() {
        worker.pool.put(connection);
    }
    Some(())
}

async fn by_http2(
    worker: &Worker,
    endpoint: &Arc<Endpoint>,
    (head, body): (&http2::Head, Upload),
    in_flight: &InFlight<Endpoint>,
) -> Option<()> {
    let line = worker.lines.line(endpoint).await.ok()?;
    let mut call = Call::begin(line, head, None, body).ok()?;
    let response = poll_fn(|cx| call.poll_exchange(cx)).await.ok()?;
    in_flight.answered(Instant::now());
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(Ok(piece)) = body.data().await {
        let _ = body.flow_control().release_capacity(piece.len());
        bytes += piece.len();
        if bytes > ANSWER_BYTES_MAX {
            break;
        }
    }
    Some(())
}
