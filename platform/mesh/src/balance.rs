//! Which of several nodes gets the next request: the power of two choices on peak EWMA.
//!
//! Owns the measure of how busy and how quick a node is. Never connects to anything.
//! Start reading at [`pick`]; [`Load`] is the measure. Two nodes are drawn at random and the cheaper one is taken,
//! where the cost is the expected wait: a moving average of round trips that jumps up at once and comes down slowly,
//! times the requests already under way. Good with few samples, immune to herds, and it needs no coordination.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// The round trip assumed of a node that has answered nothing yet.
pub const ROUND_TRIP_ASSUMED: Duration = Duration::from_millis(30);
/// How fast old round trips are forgotten.
pub const DECAY: Duration = Duration::from_secs(10);
/// The round trip that a failure counts as, lest a node that fails at once look like the quickest.
pub const PENALTY: Duration = Duration::from_secs(5);

/// How much dearer a node must be to lose against another. Without it the noise in the averages of equal nodes would
/// rank them, and the first would get twice its share.
const ALIKE: f64 = 1.25;

/// How busy and how quick one node is. Shared by everybody in the process who sends there.
#[derive(Debug)]
pub struct Load {
    born: Instant,
    ewma_ns: AtomicU64,
    /// When the average was last brought up to date, in nanoseconds after `born`.
    updated_ns: AtomicU64,
    in_flight: AtomicU32,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            born: Instant::now(),
            ewma_ns: AtomicU64::new(nanos(ROUND_TRIP_ASSUMED)),
            updated_ns: AtomicU64::new(0),
            in_flight: AtomicU32::new(0),
        }
    }
}

impl Load {
    /// Returns the expected wait at `now`, in nanoseconds times requests.
    pub fn cost(&self, now: Instant) -> f64 {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        self.ewma_at(now) * (f64::from(in_flight) + 1.0)
    }

    /// Returns the moving average of round trips at `now`.
    pub fn ewma(&self, now: Instant) -> Duration {
        Duration::from_nanos(self.ewma_at(now) as u64)
    }

    /// Returns the number of requests under way.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Takes a round trip into the average.
    pub fn observe(&self, round_trip: Duration, now: Instant) {
        let sample = nanos(round_trip) as f64;
        let decayed = self.ewma_at(now);
        // A peak counts in full at once; a quick answer brings the average down only as the weight of time allows.
        let next = if sample > decayed { sample } else { self.weighted(decayed, sample, now) };
        self.ewma_ns.store(next as u64, Ordering::Relaxed);
        self.updated_ns.store(nanos(now.saturating_duration_since(self.born)), Ordering::Relaxed);
    }

    fn weighted(&self, decayed: f64, sample: f64, now: Instant) -> f64 {
        // `decayed` has already lost what time took; the sample gets that weight.
        decayed + sample * (1.0 - self.weight(now))
    }

    fn ewma_at(&self, now: Instant) -> f64 {
        self.ewma_ns.load(Ordering::Relaxed) as f64 * self.weight(now)
    }

    fn weight(&self, now: Instant) -> f64 {
        let age =
            nanos(now.saturating_duration_since(self.born)).saturating_sub(self.updated_ns.load(Ordering::Relaxed));
        if age == 0 { 1.0 } else { (-(age as f64) / nanos(DECAY) as f64).exp() }
    }
}

/// Chooses one of `nodes`, none of those for which `excluded` is true.
pub fn pick<'a, T: AsRef<Load>>(
    nodes: &'a [Arc<T>],
    dice: &Dice,
    now: Instant,
    excluded: impl Fn(&T) -> bool,
) -> Option<&'a Arc<T>> {
    let allowed = |index: usize| nodes.get(index).filter(|node| !excluded(node));
    let cost = |node: &Arc<T>| node.as_ref().as_ref().cost(now);
    match nodes.len() {
        0 => return None,
        1 => return allowed(0),
        _ => {}
    }
    let (first, second) = dice.two_of(nodes.len());
    match (allowed(first), allowed(second)) {
        (Some(one), Some(two)) => Some(if cost(two) * ALIKE < cost(one) { two } else { one }),
        (Some(one), None) | (None, Some(one)) => Some(one),
        // Both were excluded, which only retries meet: take the cheapest of the others.
        (None, None) => {
            let others = nodes.iter().filter(|node| !excluded(node));
            others.min_by(|one, two| cost(one).total_cmp(&cost(two)))
        }
    }
}

/// A request under way at a node. Its end is told by [`InFlight::answered`] or [`InFlight::failed`]; dropping it
/// otherwise, for example because the client went away, says nothing about the node.
#[derive(Debug)]
pub struct InFlight<T: AsRef<Load>> {
    node: Arc<T>,
    since: Instant,
}

impl<T: AsRef<Load>> InFlight<T> {
    /// Counts a request that begins at `now`.
    pub fn begin(node: Arc<T>, now: Instant) -> Self {
        load(&node).in_flight.fetch_add(1, Ordering::Relaxed);
        Self { node, since: now }
    }

    /// Returns the node.
    pub fn node(&self) -> &Arc<T> {
        &self.node
    }

    /// Says that the node began to answer at `now`.
    pub fn answered(&self, now: Instant) {
        load(&self.node).observe(now.saturating_duration_since(self.since), now);
    }

    /// Says that the node failed.
    pub fn failed(&self, now: Instant) {
        load(&self.node).observe(PENALTY.max(now.saturating_duration_since(self.since)), now);
    }
}

impl<T: AsRef<Load>> Drop for InFlight<T> {
    fn drop(&mut self) {
        load(&self.node).in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

fn load<T: AsRef<Load>>(node: &Arc<T>) -> &Load {
    node.as_ref().as_ref()
}

/// Quick chance for choices that are no secret (SplitMix64).
#[derive(Debug)]
pub struct Dice(AtomicU64);

impl Dice {
    /// Returns dice whose throws follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Returns the next 64 random bits.
    pub fn throw(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns two different numbers below `count`, which must be at least two.
    fn two_of(&self, count: usize) -> (usize, usize) {
        let bits = self.throw();
        let first = below(bits as u32, count);
        let second = below((bits >> 32) as u32, count - 1);
        (first, if second >= first { second + 1 } else { second })
    }
}

impl Default for Dice {
    /// Returns dice that fall differently in each process and each time.
    fn default() -> Self {
        Self::new(RandomState::new().hash_one(0))
    }
}

/// Maps 32 random bits to a number below `count` without division.
fn below(bits: u32, count: usize) -> usize {
    ((u64::from(bits) * count as u64) >> 32) as usize
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
