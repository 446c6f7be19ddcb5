//! Asks a second node, too, when the first takes far longer than nodes do.
//!
//! The policy is the mesh's, [`mesh::hedge`]. Never hedges what has a body, what leaves HTTP, or what waits for events.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
};

use http::{HeaderMap, HeaderValue, Method, Response, header};
use mesh::{balance::Draw, discovery::Endpoint, hedge, upstream::Upstream};
use tokio::time::Instant;

use super::{Exchange, Failure, Sending, reports_failure};
use crate::{
    activity::Activity,
    body::{Content, Upload},
    routes::{Target, file::Route},
};

const EVENTS: &str = "text/event-stream";

pub(super) type Outcome = Result<Response<Content>, Failure>;

/// How a try ended.
pub(super) struct Tried {
    pub(super) outcome: Outcome,
    /// The further node, when the outcome is its.
    pub(super) by: Option<Arc<Endpoint>>,
    /// How many further nodes were asked.
    pub(super) hedges: u32,
}

/// Returns whether a second node is asked for what the first takes long to answer, as far as the head says it.
pub(crate) fn is_hedged(method: &Method, headers: &HeaderMap, route: &Route, target: &Target) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|accept: &HeaderValue| accept.to_str().ok());
    is_harmless(method, target)
        && route.hedge.unwrap_or(true)
        && !headers.contains_key(header::UPGRADE)
        && !accepts.is_some_and(|accepts| accepts.contains(EVENTS))
}

/// Returns whether asking twice changes nothing, and there is somebody else to ask.
pub(super) fn is_harmless(method: &Method, target: &Target) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) && target.service.endpoints.len() > 1
}

impl Sending {
    /// Waits for `first`, the request at `endpoint`, and when that takes long sends it to another node as well.
    pub(super) async fn hedged(
        &self,
        exchange: &Exchange,
        endpoint: &Arc<Endpoint>,
        mut first: Pin<&mut impl Future<Output = Outcome>>,
        began: Instant,
    ) -> Tried {
        let upstream = Some(endpoint.load().upstream()).filter(|_| self.hedges);
        match patiently(&exchange.link.activity, upstream, began, first.as_mut()).await {
            Some(outcome) => Tried { outcome, by: None, hedges: 0 },
            // Rare and large, it would make the future of every request so.
            None => Box::pin(self.race(exchange, endpoint, first, began)).await,
        }
    }

    async fn race(
        &self,
        exchange: &Exchange,
        endpoint: &Arc<Endpoint>,
        first: Pin<&mut impl Future<Output = Outcome>>,
        began: Instant,
    ) -> Tried {
        let mut tried = vec![Arc::clone(endpoint)];
        let further = || {
            let now = Instant::now();
            let (other, again) = self.further(exchange, &tried, now)?;
            tried.push(Arc::clone(&other));
            Some(async move { again.attempt(&exchange.link, &other, Upload::empty(), now).await })
        };
        let good = |outcome: &Outcome| outcome.as_ref().is_ok_and(|answer| !reports_failure(answer));
        let raced = hedge::race(first, further, good).await;
        let hedges = tried.len().saturating_sub(1);
        if raced.overtaken {
            endpoint.load().kept_waiting(began, Instant::now());
            if let Ok(target) = exchange.target() {
                target.metrics.hedges_won.increment();
            }
        }
        let by = tried.pop().filter(|_| raced.by_further);
        Tried { outcome: raced.outcome, by, hedges: hedges as u32 }
    }

    /// Returns another node than those tried and the request as it is sent there, counted and taken out of the budget;
    /// `None` when no other is well, or there is no leave.
    fn further(&self, exchange: &Exchange, tried: &[Arc<Endpoint>], now: Instant) -> Option<(Arc<Endpoint>, Self)> {
        let (target, entry) = (exchange.target().ok()?, exchange.entry.as_ref()?);
        let head = &exchange.head;
        if !is_hedged(&head.method, &head.headers, &entry.way.route, target) {
            return None;
        }
        let choice = Draw { dice: &exchange.link.worker.dice, now, key: None };
        let other = hedge::another(&target.service.balancer, choice, tried)?;
        let again = self.again(exchange, &Upload::empty(), now).ok()?;
        let more = tried.len().saturating_sub(1) as u32;
        if !self.may_repeat(exchange, other, more) {
            return None;
        }
        target.metrics.hedges.increment();
        Some((Arc::clone(other), again))
    }
}

/// Waits for `first`; `None` once it takes so long that a second node of `upstream` should be asked, never without one.
///
/// How long that is takes some counting, so that nobody counts before the shortest time that it may be.
async fn patiently<T>(
    activity: &Activity,
    upstream: Option<&Arc<Upstream>>,
    began: Instant,
    mut first: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    let mut due = upstream.and_then(|upstream| Some(began + upstream.hedge_delay_min()?));
    poll_fn(|cx| {
        if let Poll::Ready(outcome) = first.as_mut().poll(cx) {
            return Poll::Ready(Some(outcome));
        }
        while let Some(at) = due.filter(|at| activity.is_due(*at)) {
            due = upstream.and_then(|upstream| Some(began + upstream.hedge_delay()?));
            if due == Some(at) {
                return Poll::Ready(None);
            }
        }
        Poll::Pending
    })
    .await
}
