//! When a certificate is renewed, and when it is tried again.

use std::time::Duration;

use base::Timestamp;

use crate::settings;

/// Between the tries that fail, each twice as long as the one before.
pub(super) struct Retry {
    next: Duration,
    max: Duration,
}

/// Returns when a certificate that is good from `begin` to `end` is renewed: when two thirds of its life are over, or up
/// to a twentieth of it before, by `spread` from 0 to 1.
pub(super) fn due((begin, end): (Timestamp, Timestamp), spread: f64) -> Timestamp {
    let life = end.since(begin);
    (begin + life * 2 / 3).minus(spread_of(life / 20, spread))
}

fn spread_of(most: Duration, spread: f64) -> Duration {
    most.mul_f64(spread.clamp(0.0, 1.0))
}

impl Retry {
    pub(super) fn new(settings: &settings::Acme) -> Self {
        Self { next: Duration::from_millis(settings.retry_ms), max: Duration::from_millis(settings.retry_ms_max) }
    }

    /// Returns how long to wait now: between half and all of what it is this time, by `chance` from 0 to 1.
    pub(super) fn next(&mut self, chance: f64) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.max);
        wait / 2 + spread_of(wait / 2, chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_renewed_when_two_thirds_of_its_life_are_over_or_a_little_before() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert_eq!(due((at(100), at(700)), 0.0), at(500));
        assert_eq!(due((at(100), at(700)), 1.0), at(470));
        assert_eq!(due((at(100), at(100)), 1.0), at(100));
    }

    #[test]
    fn tries_that_fail_come_ever_more_seldom_up_to_a_bound() {
        let mut retry = Retry { next: Duration::from_secs(10), max: Duration::from_secs(30) };
        let waits = [0.0, 1.0, 0.5, 1.0].map(|chance| retry.next(chance).as_millis());
        assert_eq!(waits, [5_000, 20_000, 22_500, 30_000]);
    }
}
