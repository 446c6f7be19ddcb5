//! When a second request for the same answer is worth sending: when the first takes longer than most do.
//!
//! Owns how long the answers of an upstream take. Never sends anything, and a hedge comes out of the retry budget like any
//! repetition. Start reading at [`Latencies::quantile`].

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// Buckets for each doubling, so that a quantile is at most an eighth too long.
const STEPS: usize = 8;
const DOUBLINGS: usize = 32;
/// Answers after which every count is halved, so that what was long ago counts for little.
const HALVED_AFTER: u32 = 2_048;
/// Fewest answers that a quantile may rest on.
const ANSWERS_MIN: u32 = 20;

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
}
