//! How many requests to an upstream may be repeated, so that repeating cannot make a bad moment worse.
//!
//! Owns the count of requests and repetitions of ten seconds. Never repeats anything itself.
//! Start reading at [`Budget::withdraw`]. Besides the budget of each upstream, whoever repeats must be allowed to by whoever
//! called it: see [`crate::hop`].

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::breaker::window::{BUCKETS, Window};

/// How much may be repeated. The defaults are Finagle's and those of Gateway API's backend policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Repetitions for each hundred requests of the last 10 seconds. Since v0.1.
    pub percent: u32,
    /// Repetitions a second that are allowed however few requests there are. Since v0.1.
    pub per_second_min: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { percent: 20, per_second_min: 10 }
    }
}

/// The budget of one upstream.
#[derive(Debug)]
pub struct Budget {
    settings: Settings,
    born: Instant,
    /// Requests count as good, repetitions as bad.
    window: Mutex<Window>,
}

impl Budget {
    /// Returns a budget that nothing was taken of.
    pub fn new(settings: Settings, now: Instant) -> Self {
        Self { settings, born: now, window: Mutex::default() }
    }

    /// Counts a request that is no repetition.
    pub fn deposit(&self, now: Instant) {
        self.window.lock().add(self.nanos(now), true);
    }

    /// Takes one repetition out of the budget, if it allows one.
    pub fn withdraw(&self, now: Instant) -> bool {
        let at = self.nanos(now);
        let mut window = self.window.lock();
        let granted = self.left_of(&mut window, at) > 0;
        if granted {
            window.add(at, false);
        }
        granted
    }

    /// Returns how many repetitions it would allow at `now`.
    pub fn left(&self, now: Instant) -> u64 {
        self.left_of(&mut self.window.lock(), self.nanos(now))
    }

    fn left_of(&self, window: &mut Window, at: u64) -> u64 {
        let counts = window.counts(at);
        let earned = u64::from(counts.good) * u64::from(self.settings.percent) / 100;
        // The floor, too, is of ten seconds; in the first second it is the floor of one.
        let seconds = (at / 1_000_000_000 + 1).min(BUCKETS as u64);
        let allowed = earned + u64::from(self.settings.per_second_min) * seconds;
        allowed.saturating_sub(u64::from(counts.bad))
    }

    fn nanos(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.born).as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_ten_seconds_repeat_more_than_a_fifth_and_ten_a_second(gaps_us in prop::collection::vec(0_u64..20_000, 1..3_000)) {
            let start = Instant::now();
            let budget = Budget::new(Settings::default(), start);
            let (mut now, mut asked, mut granted) = (start, 0_u64, 0_u64);
            for gap_us in gaps_us {
                now += Duration::from_micros(gap_us);
                budget.deposit(now);
                asked += 1;
                granted += u64::from(budget.withdraw(now)) + u64::from(budget.withdraw(now));
            }
            let seconds = (now - start).as_secs() + 1;
            // A grant may rest on requests of the ten seconds before it, so a span of n has that of n + 10 at most.
            prop_assert!(granted <= asked / 5 + 10 * (seconds + 10), "{granted} for {asked} in {seconds} s");
            prop_assert!(granted >= (asked / 5).min(asked), "{granted} for {asked}");
        }
    }

    #[test]
    fn what_is_spent_comes_back_after_ten_seconds() {
        let start = Instant::now();
        let budget = Budget::new(Settings { percent: 20, per_second_min: 0 }, start);
        (0..100).for_each(|_| budget.deposit(start));
        assert_eq!((0..50).filter(|_| budget.withdraw(start)).count(), 20);
        let later = start + Duration::from_secs(10);
        (0..10).for_each(|_| budget.deposit(later));
        assert_eq!((0..50).filter(|_| budget.withdraw(later)).count(), 2);
    }
}
