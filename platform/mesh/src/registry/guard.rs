//! Self-preservation: when most processes fall silent at once, the fault is likely between them and the registry.
//!
//! Owns when leases are not ended although they ran out. Pure. Start reading at [`Guard::judge`].

use std::time::Duration;

use tokio::time::Instant;

/// Fewer silent processes than this are what they look like: dead.
pub(super) const SILENT_MIN: usize = 3;
/// Longest time that silent nodes are kept; after it they are taken for dead, however many.
pub(super) const KEPT_MAX: Duration = Duration::from_mins(5);

/// Whether leases are kept although they ran out.
#[derive(Debug, Default)]
pub(super) struct Guard {
    since: Option<Instant>,
    /// Kept for as long as is allowed: stays off until most processes are heard again.
    spent: bool,
}

impl Guard {
    pub(super) fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// Decides anew, from how many processes of how many are silent; returns whether it goes on or off, if it does.
    pub(super) fn judge(&mut self, silent: usize, all: usize, now: Instant) -> Option<bool> {
        let most = silent >= SILENT_MIN && silent * 2 > all;
        if !most {
            self.spent = false;
            return self.since.take().map(|_| false);
        }
        match self.since {
            Some(since) if now.saturating_duration_since(since) >= KEPT_MAX => {
                self.since = None;
                self.spent = true;
                Some(false)
            }
            None if !self.spent => {
                self.since = Some(now);
                Some(true)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_on_exactly_while_most_are_silent_whatever_the_numbers() {
        for all in 0..12 {
            for silent in 0..=all {
                let mut guard = Guard::default();
                let now = Instant::now();
                let most = silent >= SILENT_MIN && silent > all - silent;
                assert_eq!(guard.judge(silent, all, now), most.then_some(true), "{silent} of {all}");
                assert_eq!(guard.judge(silent, all, now), None);
                assert_eq!(guard.judge(0, all, now), most.then_some(false));
            }
        }
    }

    #[test]
    fn it_ends_after_its_time_and_comes_back_only_after_most_were_heard() {
        let (mut guard, now) = (Guard::default(), Instant::now());
        assert_eq!(guard.judge(4, 4, now), Some(true));
        assert_eq!(guard.judge(4, 4, now + KEPT_MAX), Some(false));
        assert_eq!(guard.judge(4, 4, now + KEPT_MAX * 2), None);
        assert!(!guard.is_on());
        guard.judge(0, 4, now + KEPT_MAX * 2);
        assert_eq!(guard.judge(4, 4, now + KEPT_MAX * 2), Some(true));
    }
}
