//! Slowing down whoever guesses: after some failures within a window, each further one makes the wait longer.
//!
//! An attempt counts before it is judged and is taken back when it was right, so that many at once cannot slip through.

use std::time::Duration;

use base::Timestamp;

/// How many failures are borne, and what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Attempts without a wait, within the window.
    pub free: i64,
    /// Failures older than this are forgotten.
    pub window: Duration,
    /// The first wait; each further failure doubles it.
    pub wait: Duration,
    /// The longest wait: bounded, because an attacker must not lock a person out for good.
    pub wait_max: Duration,
}

/// For one account: five guesses, then waits from ten seconds to fifteen minutes.
pub const ACCOUNT: Limit = Limit {
    free: 5,
    window: Duration::from_mins(30),
    wait: Duration::from_secs(10),
    wait_max: Duration::from_mins(15),
};

/// For one address, behind which a whole campus may be.
pub const ADDRESS: Limit = Limit {
    free: 100,
    window: Duration::from_mins(15),
    wait: Duration::from_secs(10),
    wait_max: Duration::from_mins(5),
};

impl Limit {
    /// Returns until when the next attempt must wait after this many attempts, the last of them at `now`.
    pub fn locked_until(&self, attempts: i64, now: Timestamp) -> Option<Timestamp> {
        let over = attempts.checked_sub(self.free).filter(|over| *over > 0)?;
        let doublings = u32::try_from(over - 1).unwrap_or(u32::MAX).min(16);
        Some(now + (self.wait * 2_u32.pow(doublings)).min(self.wait_max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_longest() {
        let seconds = |attempts| ACCOUNT.locked_until(attempts, Timestamp::EPOCH).map(Timestamp::as_seconds);
        assert_eq!((seconds(0), seconds(5)), (None, None));
        assert_eq!([6, 7, 8, 9].map(seconds), [Some(10), Some(20), Some(40), Some(80)]);
        assert_eq!((seconds(50), seconds(i64::MAX)), (Some(900), Some(900)));
    }
}
