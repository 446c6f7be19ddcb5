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
/// How often what is asked may still be repeated on the way down: 1, or 0 in a request that is itself a repetition.
pub const RETRIES_LEFT: HeaderName = HeaderName::from_static("fpms-retries-left");
/// In an answer that reports a failure: nobody above is to repeat the request.
pub const FINAL: HeaderName = HeaderName::from_static("fpms-final");
/// W3C trace context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What tracers add to the trace context.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// In an answer: whose kept caller tokens the gateway is to forget, as an id, for example after a sign-out.
pub const FORGET: HeaderName = HeaderName::from_static("fpms-forget");

/// Returns how long an answer asks to be left alone, where it says so in seconds (RFC 9110, 10.2.3).
pub fn retry_after(answer: &HeaderMap) -> Option<Duration> {
    let seconds = answer.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
