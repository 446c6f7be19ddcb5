//! Flap damping: a node that comes and goes is left out until it has been steady for a while (RFC 2439's way with routes).
//!
//! Owns the penalty of each node. Pure: told the time, never asks it. Start reading at [`Penalty::add`].

use std::time::Duration;

use tokio::time::Instant;

/// What one fall costs.
pub const FALL_COST: f64 = 1_000.0;
/// How long a penalty takes to become half of what it is. Routes on the Internet are given 15 minutes; a process that
/// restarts is judged sooner.
pub const HALF_LIFE: Duration = Duration::from_mins(1);
/// Above this a node is left out: the third fall within a minute or so.
pub const SUPPRESS: f64 = 2_250.0;
/// Below this it is let in again.
pub const REUSE: f64 = 750.0;
/// Longest time that a node is left out after its last fall, however often it fell before.
pub const SUPPRESSED_MAX: Duration = Duration::from_mins(4);
/// Below this it is forgotten.
const FORGOTTEN: f64 = 50.0;

/// How often a node fell lately.
#[derive(Debug, Clone, Copy)]
pub struct Penalty {
    value: f64,
    at: Instant,
    suppressed: bool,
}

impl Penalty {
    /// Returns that of a node that never fell.
    pub fn none(now: Instant) -> Self {
        Self { value: 0.0, at: now, suppressed: false }
    }

    /// Counts a fall.
    pub fn add(&mut self, now: Instant) {
        let ceiling = REUSE * (SUPPRESSED_MAX.as_secs_f64() / HALF_LIFE.as_secs_f64()).exp2();
        self.value = (self.value(now) + FALL_COST).min(ceiling);
        self.at = now;
        self.suppressed |= self.value > SUPPRESS;
    }

    /// Returns whether the node is left out at `now`.
    pub fn suppresses(&mut self, now: Instant) -> bool {
        self.suppressed &= self.value(now) > REUSE;
        self.suppressed
    }

    /// Returns what is left of it at `now`.
    pub fn value(&self, now: Instant) -> f64 {
        let age = now.saturating_duration_since(self.at).as_secs_f64();
        self.value * (-age / HALF_LIFE.as_secs_f64()).exp2()
    }

    /// Returns whether it is as good as none.
    pub fn is_over(&mut self, now: Instant) -> bool {
        !self.suppresses(now) && self.value(now) < FORGOTTEN
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_falls_are_forgiven_and_the_third_within_a_minute_is_not() {
        let now = Instant::now();
        let mut penalty = Penalty::none(now);
        for second in [0, 10] {
            penalty.add(now + Duration::from_secs(second));
            assert!(!penalty.suppresses(now + Duration::from_secs(second)));
        }
        let third = now + Duration::from_secs(20);
        penalty.add(third);
        assert!(penalty.suppresses(third));
        assert!(penalty.suppresses(third + HALF_LIFE));
        assert!(!penalty.suppresses(third + HALF_LIFE * 2));
        assert!(!penalty.suppresses(third + HALF_LIFE * 2));
    }

    #[test]
    fn falls_far_apart_never_add_up() {
        let mut now = Instant::now();
        let mut penalty = Penalty::none(now);
        for _ in 0..100 {
            now += HALF_LIFE * 2;
            penalty.add(now);
            assert!(!penalty.suppresses(now));
        }
    }

    proptest! {
        #[test]
        fn nobody_is_left_out_longer_than_the_bound_after_the_last_fall(gaps in prop::collection::vec(0..60_000_u64, 0..80)) {
            let mut now = Instant::now();
            let mut penalty = Penalty::none(now);
            for gap in gaps {
                now += Duration::from_millis(gap);
                penalty.add(now);
            }
            prop_assert!(!penalty.suppresses(now + SUPPRESSED_MAX + Duration::from_millis(1)));
        }

        #[test]
        fn a_penalty_only_falls_while_nothing_happens(first in 0..600_000_u64, more in 0..600_000_u64) {
            let now = Instant::now();
            let mut penalty = Penalty::none(now);
            penalty.add(now);
            let earlier = now + Duration::from_millis(first);
            prop_assert!(penalty.value(earlier + Duration::from_millis(more)) <= penalty.value(earlier));
        }
    }
}
