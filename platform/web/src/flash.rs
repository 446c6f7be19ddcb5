//! A message for the next page: carried in a short-lived signed cookie, so that nobody can put words into our mouth.

use std::time::Duration;

use base::Timestamp;
use crypto::{Key, token};

/// Seconds for which a message waits for its page.
pub(crate) const FLASH_SECONDS: u32 = 60;
/// The purpose of the key that signs the cookie.
pub(crate) const PURPOSE: &str = "web-flash";

/// Returns the cookie value that carries the message with this Fluent key.
pub(crate) fn seal(key: &Key, message: &str, now: Timestamp) -> Option<String> {
    token::seal(key, &message, now + Duration::from_secs(u64::from(FLASH_SECONDS))).ok()
}

/// Returns the Fluent key in a cookie value of ours that is not too old.
pub(crate) fn open(key: &Key, value: &str, now: Timestamp) -> Option<String> {
    token::open(key, value, now).ok()
}
