//! How busy, how quick and how well one node is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{DECAY, PENALTY, REFUSED_MAX, ROUND_TRIP_ASSUMED, SLOW_START, SLOW_START_SHARE_MIN};
use crate::{
    NodeId,
    breaker::{Breaker, Outcome, Standing},
    upstream::Upstream,
};

/// The share of a node that gets as much as any.
const FULL_SHARE: f64 = 1_000.0;

/// How one node does. Shared by everybody in the process who sends there.
#[derive(Debug)]
pub struct Load {
    born: Instant,
    ewma_ns: AtomicU64,
    /// When the average was last brought up to date, in nanoseconds after `born`, as the two below.
    updated_ns: AtomicU64,
    /// When its slow start began.
    warm_from_ns: AtomicU64,
    /// Until when it asked to be left alone.
    refused_until_ns: AtomicU64,
    in_flight: AtomicU32,
    /// Its weight in thousandths of the heaviest node's.
    share: AtomicU32,
    breaker: Breaker,
}

/// How a node does at one moment, for whoever explains a choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snapshot {
    /// The moving average of round trips.
    pub ewma: Duration,
    /// Requests under way.
    pub in_flight: u32,
    /// Its share of traffic beside the heaviest node, 0 to 1, slow start included.
    pub share: f64,
    /// The expected wait; the cheaper of two nodes is taken.
    pub cost: f64,
    /// What its breaker says.
    pub standing: Standing,
}

impl Default for Load {
    /// Returns the load of the only node of an upstream without a name.
    fn default() -> Self {
        Self::new(NodeId::from_u128(0), Upstream::alone())
    }
}

impl Load {
    /// Returns the load of a node of `upstream` of which nothing is known yet.
    pub fn new(node: NodeId, upstream: Arc<Upstream>) -> Self {
        let born = Instant::now();
        Self {
            born,
            ewma_ns: AtomicU64::new(nanos(ROUND_TRIP_ASSUMED)),
            updated_ns: AtomicU64::new(0),
            warm_from_ns: AtomicU64::new(0),
            refused_until_ns: AtomicU64::new(0),
            in_flight: AtomicU32::new(0),
            share: AtomicU32::new(FULL_SHARE as u32),
            breaker: Breaker::new(node, upstream, born),
        }
    }

    /// Returns the expected wait at `now`, in nanoseconds times requests.
    pub fn cost(&self, now: Instant) -> f64 {
        let waiting = f64::from(self.in_flight()) / self.share_at(now);
        self.ewma_at(now) * (waiting + 1.0) + self.refusal(now)
    }

    /// Returns the moving average of round trips at `now`.
    pub fn ewma(&self, now: Instant) -> Duration {
        Duration::from_nanos(self.ewma_at(now) as u64)
    }

    /// Returns the number of requests under way.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Returns its share of traffic beside the heaviest node of its upstream, above 0 and at most 1. A node that has
    /// just come, or just come back, starts with a tenth and grows in a straight line.
    pub fn share_at(&self, now: Instant) -> f64 {
        let share = f64::from(self.share.load(Ordering::Relaxed)) / FULL_SHARE;
        let age_ns = self.since_birth(now).saturating_sub(self.warm_from_ns.load(Ordering::Relaxed));
        if age_ns >= nanos(SLOW_START) {
            return share;
        }
        share * (age_ns as f64 / nanos(SLOW_START) as f64).max(SLOW_START_SHARE_MIN)
    }

    /// Returns everything a choice is made of.
    pub fn snapshot(&self, now: Instant) -> Snapshot {
        Snapshot {
            ewma: self.ewma(now),
            in_flight: self.in_flight(),
            share: self.share_at(now),
            cost: self.cost(now),
            standing: self.breaker.standing(now),
        }
    }

    /// Returns its breaker.
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Returns the upstream it is a node of.
    pub fn upstream(&self) -> &Arc<Upstream> {
        self.breaker.upstream()
    }

    /// Sets its weight beside the heaviest node's.
    pub(super) fn weigh(&self, weight: u32, heaviest: u32) {
        let share = u64::from(weight) * FULL_SHARE as u64 / u64::from(heaviest.max(1));
        self.share.store((share as u32).clamp(1, FULL_SHARE as u32), Ordering::Relaxed);
    }

    /// Takes a round trip into the average.
    pub fn observe(&self, round_trip: Duration, now: Instant) {
        let sample = nanos(round_trip) as f64;
        let weight = self.weight(now);
        let decayed = self.ewma_ns.load(Ordering::Relaxed) as f64 * weight;
        // A peak counts in full at once; a quick answer brings the average down only as the weight of time allows.
        let next = if sample > decayed { sample } else { decayed + sample * (1.0 - weight) };
        self.ewma_ns.store(next as u64, Ordering::Relaxed);
        self.updated_ns.store(self.since_birth(now), Ordering::Relaxed);
    }

    /// Takes in that nobody waits any longer for the answer to a request that began at `since`, because another node gave
    /// one or it took too long.
    ///
    /// So long it took at least. A node that let nothing be heard of it since the request began failed, and counts as one
    /// that did, lest it seem quick beside a node that answers late: once for each such silence, however many requests
    /// waited in it, so that a short pause does not open its breaker.
    pub fn kept_waiting(&self, since: Instant, now: Instant) {
        let waited = now.saturating_duration_since(since);
        let silent = self.updated_ns.load(Ordering::Relaxed) <= self.since_birth(since);
        if silent {
            self.breaker.record(since, now, Outcome::Failed);
        }
        self.observe(if silent { PENALTY.max(waited) } else { waited }, now);
    }

    /// Leaves the node alone for `pause`, at most [`REFUSED_MAX`]: it said that it has enough.
    pub(super) fn refuse(&self, pause: Duration, now: Instant) {
        let until = self.since_birth(now) + nanos(pause.min(REFUSED_MAX));
        self.refused_until_ns.fetch_max(until, Ordering::Relaxed);
    }

    pub(super) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Takes the outcome of a request that began at `since` into breaker and average.
    pub(super) fn finish(&self, since: Instant, now: Instant, outcome: Outcome) {
        let round_trip = now.saturating_duration_since(since);
        let sample = if outcome == Outcome::Failed { PENALTY.max(round_trip) } else { round_trip };
        if self.breaker.record(since, now, outcome) {
            // The probe came back well: what was measured while the node was ill says nothing about it now.
            self.ewma_ns.store(nanos(sample), Ordering::Relaxed);
            self.updated_ns.store(self.since_birth(now), Ordering::Relaxed);
            self.warm_from_ns.store(self.since_birth(now), Ordering::Relaxed);
        } else {
            self.observe(sample, now);
        }
    }

    fn ewma_at(&self, now: Instant) -> f64 {
        self.ewma_ns.load(Ordering::Relaxed) as f64 * self.weight(now)
    }

    fn refusal(&self, now: Instant) -> f64 {
        let refused = self.refused_until_ns.load(Ordering::Relaxed) > self.since_birth(now);
        if refused { nanos(PENALTY) as f64 } else { 0.0 }
    }

    fn weight(&self, now: Instant) -> f64 {
        let age = self.since_birth(now).saturating_sub(self.updated_ns.load(Ordering::Relaxed));
        if age == 0 { 1.0 } else { (-(age as f64) / nanos(DECAY) as f64).exp() }
    }

    fn since_birth(&self, now: Instant) -> u64 {
        nanos(now.saturating_duration_since(self.born))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
