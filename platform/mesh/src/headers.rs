//! The headers that nodes send each other. The gateway removes every inbound header that begins with [`PREFIX`].

use std::time::Duration;

use http::{HeaderMap, HeaderName, header};

/// What the name of each of our own headers begins with.
pub const PREFIX: &str = "fpms-";
/// The signed caller token: who asks.
pub const CALLER: HeaderName = HeaderName::from_static("fpms-caller");
/// The id of the request from outside on whose behalf this one is made.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("fpms-request-id");
/// Milliseconds left until whoever asked stops waiting.
pub const DEADLINE: HeaderName = HeaderName::from_static("fpms-deadline-ms");
/// W3C trace context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// In an answer: whose kept caller tokens the gateway is to forget, as an id, for example after a sign-out.
pub const FORGET: HeaderName = HeaderName::from_static("fpms-forget");

/// Returns how long an answer asks to be left alone, where it says so in seconds (RFC 9110, 10.2.3).
pub fn retry_after(answer: &HeaderMap) -> Option<Duration> {
    let seconds = answer.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
