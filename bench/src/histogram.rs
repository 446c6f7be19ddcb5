//! Times in buckets that grow with them: any quantile to within 2 %, in constant memory.

use std::time::Duration;

/// Buckets in each doubling.
const STEPS: u32 = 64;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// Counts of durations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Counts one duration.
    pub(crate) fn add(&mut self, duration: Duration) {
        let bucket = bucket(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
            self.total += 1;
        }
    }

    /// Adds another's counts.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.counts.resize(self.counts.len().max(other.counts.len()), 0);
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
    }

    /// Returns how many durations were counted.
    pub(crate) fn count(&self) -> u64 {
        self.total
    }

    /// Returns the duration that a share of `quantile` of all did not exceed.
    pub(crate) fn quantile(&self, quantile: f64) -> Duration {
        let rank = (quantile * self.total as f64).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank.max(1) {
                return Duration::from_nanos(upper(bucket));
            }
        }
        Duration::ZERO
    }
}

fn bucket(nanos: u64) -> usize {
    let shift = (64 - STEP_BITS - 1).saturating_sub(nanos.leading_zeros());
    (shift * STEPS) as usize + (nanos >> shift) as usize
}

/// Returns the largest duration of a bucket.
fn upper(bucket: usize) -> u64 {
    let steps = STEPS as usize;
    let shift = (bucket / steps).saturating_sub(1);
    let low = ((bucket - shift * steps) as u64) << shift;
    low + (1_u64 << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_within_two_percent_of_what_it_holds() {
        for nanos in (0..64).chain([64, 65, 127, 128, 129, 1_000, 123_456, 999_999_999, 1 << 40]) {
            let upper = upper(bucket(nanos));
            assert!(upper >= nanos && upper as f64 <= nanos as f64 * 1.02 + 1.0, "{nanos} {upper}");
        }
    }

    #[test]
    fn quantiles_are_ranks() {
        let mut histogram = Histogram::default();
        for micros in 1..=100 {
            histogram.add(Duration::from_micros(micros));
        }
        let median = histogram.quantile(0.5).as_micros();
        assert!((50..=51).contains(&median), "{median}");
        let highest = histogram.quantile(0.99).as_micros();
        assert!((99..=101).contains(&highest), "{highest}");
    }
}
