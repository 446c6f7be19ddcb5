//! What the installation decides about identity.

use std::time::Duration;

use crate::model::session::Limits;

/// Settings of identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether people reach the product by https: then the session cookie is `__Host-fpms` and Secure. Without it, which is
    /// for plain http on this machine alone, it is `fpms`.
    pub secure_cookies: bool,
    /// Minutes without use after which a session ends.
    pub session_idle_minutes: u32,
    /// Hours after which a session ends in any case.
    pub session_absolute_hours: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { secure_cookies: true, session_idle_minutes: 480, session_absolute_hours: 168 }
    }
}

impl Settings {
    /// Returns how long sessions last.
    pub(crate) fn session_limits(&self) -> Limits {
        Limits {
            idle: Duration::from_mins(u64::from(self.session_idle_minutes.max(1))),
            absolute: Duration::from_hours(u64::from(self.session_absolute_hours.max(1))),
        }
    }
}
