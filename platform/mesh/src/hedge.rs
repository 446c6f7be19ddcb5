//! When a second request for the same answer is worth sending: when the first takes far longer than most do.
//!
//! Owns how long the answers of an upstream take, and the one policy of the gateway and of calls between services. Never
//! sends anything, and a hedge comes out of the retry budget like any repetition. Start reading at [`Settings::delay`];
//! [`race`] is what happens then.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    balance::{Balancer, Draw},
    breaker::Standing,
    discovery::Endpoint,
};

/// Buckets for each doubling, so that a quantile is at most an eighth too long.
const STEPS: usize = 8;
const DOUBLINGS: usize = 32;
/// Answers after which every count is halved, so that what was long ago counts for little.
const HALVED_AFTER: u32 = 2_048;
/// Fewest answers that a quantile may rest on.
const ANSWERS_MIN: u32 = 20;

/// How long an answer is waited for before a second node is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The part of the answers, in percent, whose time is the measure; 0 turns hedging off. Since v0.1.
    pub percent: u32,
    /// How many times that time is waited. Since v0.1.
    pub times: u32,
    /// How long is waited at least, in milliseconds. Since v0.1.
    pub wait_ms_min: u64,
    /// How long is waited while there are too few answers to say, in milliseconds. Since v0.1.
    pub wait_ms_unknown: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { percent: 99, times: 2, wait_ms_min: 100, wait_ms_unknown: 500 }
    }
}

impl Settings {
    /// Returns how long is waited at least, which costs nothing to know; `None` when nothing is hedged.
    pub fn delay_min(&self) -> Option<Duration> {
        (self.percent > 0).then(|| Duration::from_millis(self.wait_ms_min))
    }

    /// Returns how long is waited; `None` when nothing is hedged.
    pub fn delay(&self, latencies: &Latencies) -> Option<Duration> {
        let shortest = self.delay_min()?;
        let known = latencies.quantile(self.percent).map(|time| time * self.times);
        Some(known.unwrap_or_else(|| Duration::from_millis(self.wait_ms_unknown)).max(shortest))
    }
}

/// Chooses the node that a further request goes to: none of those `tried`, and one that traffic flows to.
pub fn another<'a>(
    balancer: &'a Balancer<Endpoint>,
    choice: Draw<'_>,
    tried: &[Arc<Endpoint>],
) -> Option<&'a Arc<Endpoint>> {
    let flows = |endpoint: &Endpoint| endpoint.load().breaker().standing(choice.now) == Standing::Closed;
    let was_tried = |endpoint: &Endpoint| tried.iter().any(|tried| tried.serial() == endpoint.serial());
    balancer.pick(choice, |endpoint| was_tried(endpoint) || !flows(endpoint))
}

/// How a race ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Raced<T> {
    /// The outcome that counts.
    pub outcome: T,
    /// Whether it is the further request's that was sent last.
    pub by_further: bool,
    /// Whether the first had not ended by then.
    pub overtaken: bool,
}

impl<T> Raced<T> {
    /// Returns the outcome of a request that nobody raced.
    pub fn alone(outcome: T) -> Self {
        Self { outcome, by_further: false, overtaken: false }
    }
}

/// Waits for the first good outcome of a request and of a further one, which `further` sends; where that fails while the
/// first is still under way, of the next that it sends. When none is good, the last counts.
pub async fn race<T, F: Future<Output = T>>(
    mut first: Pin<&mut impl Future<Output = T>>,
    mut further: impl FnMut() -> Option<F>,
    good: impl Fn(&T) -> bool,
) -> Raced<T> {
    while let Some(next) = further() {
        let mut next = pin!(next);
        tokio::select! {
            biased;
            outcome = &mut first => {
                if good(&outcome) {
                    return Raced::alone(outcome);
                }
                return Raced { outcome: next.await, by_further: true, overtaken: false };
            }
            outcome = &mut next => {
                if good(&outcome) {
                    return Raced { outcome, by_further: true, overtaken: true };
                }
            }
        }
    }
    Raced::alone(first.await)
}

/// How long answers take, in microseconds, without a lock.
#[derive(Debug)]
pub struct Latencies {
    buckets: Box<[AtomicU32]>,
    count: AtomicU32,
}

impl Default for Latencies {
    fn default() -> Self {
        let buckets = (0..STEPS * DOUBLINGS).map(|_| AtomicU32::new(0)).collect();
        Self { buckets, count: AtomicU32::new(0) }
    }
}

impl Latencies {
    /// Takes in how long an answer took.
    pub fn observe(&self, round_trip: Duration) {
        if let Some(bucket) = self.buckets.get(bucket_of(round_trip)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        if self.count.fetch_add(1, Ordering::Relaxed) + 1 == HALVED_AFTER {
            self.count.store(HALVED_AFTER / 2, Ordering::Relaxed);
            for bucket in &self.buckets {
                bucket.store(bucket.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
            }
        }
    }

    /// Returns how long all but this many percent of the answers took at most; `None` while there are too few to say.
    pub fn quantile(&self, percent: u32) -> Option<Duration> {
        let counts = || self.buckets.iter().map(|bucket| u64::from(bucket.load(Ordering::Relaxed)));
        let total: u64 = counts().sum();
        if total < u64::from(ANSWERS_MIN) {
            return None;
        }
        let wanted = (total * u64::from(percent.min(100))).div_ceil(100).max(1);
        let mut sum = 0;
        let found = counts().position(|count| {
            sum += count;
            sum >= wanted
        })?;
        Some(end_of(found))
    }
}

/// Returns the bucket of a time: its highest bit and the three bits after it.
fn bucket_of(time: Duration) -> usize {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(STEPS as u64);
    let doubling = micros.ilog2() as usize;
    let step = (micros >> (doubling - 3)) as usize & (STEPS - 1);
    ((doubling - 3) * STEPS + step).min(STEPS * DOUBLINGS - 1)
}

fn end_of(bucket: usize) -> Duration {
    let (doubling, step) = (bucket / STEPS, (bucket % STEPS) as u64);
    Duration::from_micros((STEPS as u64 + step + 1) << doubling)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_quantile_is_at_most_an_eighth_too_long(mut micros in prop::collection::vec(8_u64..60_000_000, 20..500)) {
            let latencies = Latencies::default();
            for micros in &micros {
                latencies.observe(Duration::from_micros(*micros));
            }
            micros.sort_unstable();
            let exact = micros[(micros.len() * 95).div_ceil(100) - 1];
            let found = latencies.quantile(95).unwrap().as_micros() as u64;
            prop_assert!(found > exact && found <= exact + exact / 8 + 1, "{found} for {exact}");
        }
    }

    #[test]
    fn what_was_long_ago_is_forgotten_and_few_answers_say_nothing() {
        let latencies = Latencies::default();
        (0..19).for_each(|_| latencies.observe(Duration::from_secs(1)));
        assert_eq!(latencies.quantile(95), None);
        (0..40_000).for_each(|_| latencies.observe(Duration::from_millis(1)));
        assert!(latencies.quantile(95).unwrap() < Duration::from_millis(2));
    }

    fn taking(time: Duration) -> Latencies {
        let latencies = Latencies::default();
        (0..100).for_each(|_| latencies.observe(time));
        latencies
    }

    #[test]
    fn a_second_node_is_asked_after_twice_what_nearly_all_answers_take_but_not_at_once() {
        let settings = Settings::default();
        assert_eq!(settings.delay(&Latencies::default()), Some(Duration::from_millis(500)), "nothing is known yet");
        assert_eq!(settings.delay(&taking(Duration::from_millis(1))), Some(Duration::from_millis(100)));
        let slow = settings.delay(&taking(Duration::from_millis(400))).unwrap();
        assert!((800..=900).contains(&slow.as_millis()), "{slow:?}");
        let off = Settings { percent: 0, ..settings };
        assert_eq!((off.delay_min(), off.delay(&taking(Duration::from_millis(1)))), (None, None));
    }

    /// Races requests that are answered after so many milliseconds, well where the number is above 0.
    async fn raced(first: i64, further: &[i64]) -> (Raced<i64>, u128) {
        let after = |number: i64| async move {
            tokio::time::sleep(Duration::from_millis(number.unsigned_abs())).await;
            number
        };
        let began = tokio::time::Instant::now();
        let mut further = further.iter().map(|number| after(*number));
        let raced = race(pin!(after(first)), || further.next(), |number| *number > 0).await;
        (raced, began.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_good_answer_counts_whoever_gives_it() {
        let by = |outcome, by_further, overtaken| Raced { outcome, by_further, overtaken };
        assert_eq!(raced(50, &[80]).await, (by(50, false, false), 50));
        assert_eq!(raced(50_000, &[80]).await, (by(80, true, true), 80));
        assert_eq!(raced(-50, &[80]).await, (by(80, true, false), 80), "it failed and was not overtaken");
        assert_eq!(raced(90, &[-80]).await, (by(90, false, false), 90));
        assert_eq!(raced(-90, &[-80]).await, (by(-90, false, false), 90));
        assert_eq!(raced(50_000, &[-10, 80]).await, (by(80, true, true), 90), "one that failed is followed by another");
    }

    #[tokio::test]
    async fn a_second_request_goes_to_another_node_that_is_well_or_nowhere() {
        use crate::{Discovery, Node, NodeId, balance::Dice};
        let node = |id| Node::new(NodeId::from_u128(id), "shop", ([127, 0, 0, 1], 1).into());
        let discovery = Discovery::fixed([node(1), node(2), node(3)]);
        let view = discovery.view();
        let service = view.service("shop").unwrap();
        let [one, two, three] = &service.endpoints[..] else { panic!("three nodes") };
        let (dice, now, tried) = (Dice::new(1), tokio::time::Instant::now(), [Arc::clone(one)]);
        let other =
            || another(&service.balancer, Draw { dice: &dice, now, key: None }, &tried).map(|other| other.node.id);
        assert!((0..100).all(|_| other().is_some_and(|other| other != one.node.id)));
        for _ in 0..5 {
            two.load().breaker().record(now, now, crate::breaker::Outcome::Failed);
        }
        assert!((0..100).all(|_| other() == Some(three.node.id)));
    }
}
