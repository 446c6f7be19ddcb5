//! What the installation decides about identity.

use std::time::Duration;

use serde::Deserialize;

use crate::model::session::Limits;

/// Settings of identity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether people reach the product by https: then the session cookie is `__Host-fpms` and Secure. Without it, which is
    /// for plain http on this machine alone, it is `fpms`. Since v0.1.
    pub secure_cookies: bool,
    /// Minutes without use after which a session ends. Since v0.1.
    pub session_idle_minutes: u32,
    /// Hours after which a session ends in any case. Since v0.1.
    pub session_hours_max: u32,
    /// Seconds for which the gateway may remember who a credential belongs to; a sign-out takes that long to reach every
    /// node. Since v0.1.
    pub caller_cache_seconds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { secure_cookies: true, session_idle_minutes: 720, session_hours_max: 168, caller_cache_seconds: 5 }
    }
}

impl Settings {
    /// Returns how long sessions last.
    pub(crate) fn session_limits(&self) -> Limits {
        Limits {
            idle: Duration::from_mins(u64::from(self.session_idle_minutes.max(1))),
            absolute: Duration::from_hours(u64::from(self.session_hours_max.max(1))),
        }
    }
}
