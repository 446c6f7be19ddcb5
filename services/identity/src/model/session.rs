//! Sessions: how long a browser stays signed in.

use std::time::Duration;

use base::{PersonId, Timestamp};
use contracts::ids::SessionId;

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub person: PersonId,
    /// Browser and system, for the person to recognise it by.
    pub device: String,
    pub address: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Without use.
    pub idle: Duration,
    /// In all.
    pub absolute: Duration,
}

/// A session's last use is written down at most this often.
pub const SEEN_EVERY: Duration = Duration::from_mins(1);

impl Session {
    /// Returns true when the session is good at `now`.
    pub fn is_live(&self, limits: Limits, now: Timestamp) -> bool {
        now < self.expires_at && now.since(self.seen_at) < limits.idle
    }

    /// Returns true when its use at `now` should be written down.
    pub fn is_seen_again(&self, now: Timestamp) -> bool {
        now.since(self.seen_at) >= SEEN_EVERY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { idle: Duration::from_secs(100), absolute: Duration::from_secs(1000) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn check(seen: i64, now: i64, live: bool) {
        let session = Session {
            id: SessionId::from_u128(1),
            person: PersonId::from_u128(2),
            device: String::new(),
            address: String::new(),
            created_at: at(0),
            seen_at: at(seen),
            expires_at: at(1000),
        };
        assert_eq!(session.is_live(LIMITS, at(now)), live, "seen {seen} now {now}");
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_and_at_its_last_instant() {
        check(0, 99, true);
        check(0, 100, false);
        check(950, 999, true);
        check(950, 1000, false);
    }
}
