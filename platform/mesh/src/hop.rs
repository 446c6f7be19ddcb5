//! What goes along from call to call: the deadline, the leave to repeat, the trace, and who asks.
//!
//! Owns the reading and writing of these headers. Never decides how long anything may take.
//! Start reading at [`Hop`]. A request with `fpms-deadline-ms` must be answered within that time; the next call gets what
//! is left. A request with `fpms-retries-left: 0` is itself a repetition, and nothing below it may be repeated. An answer
//! with `fpms-final` has been repeated already, or could not be within the budget, and nobody above repeats it. Together
//! they let only the tier next to a failure repeat, so that tiers do not multiply each other's repetitions.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::{budget::Budget, concurrency::Priority, headers};

/// The longest `tracestate` that is passed on, in bytes (W3C Trace Context, 3.3.1.5).
const TRACESTATE_BYTES_MAX: usize = 512;
const FINAL: HeaderValue = HeaderValue::from_static("1");

/// On whose behalf and until when calls are made.
#[derive(Debug)]
pub struct Hop {
    until: Instant,
    may_repeat: bool,
    priority: Priority,
    carried: HeaderMap,
    /// Whether a call below failed for good.
    exhausted: AtomicBool,
}

impl Hop {
    /// Returns the hop of work that begins here and may take `deadline`.
    pub fn begin(deadline: Duration, now: Instant) -> Self {
        Self {
            until: now + deadline,
            may_repeat: true,
            priority: Priority::Live,
            carried: HeaderMap::new(),
            exhausted: AtomicBool::new(false),
        }
    }

    /// Returns the hop of a request that came with `inbound`, and that may take `longest` where it does not say less.
    pub fn of(inbound: &HeaderMap, longest: Duration, now: Instant) -> Self {
        let number = |name: HeaderName| inbound.get(name)?.to_str().ok()?.parse::<u64>().ok();
        let deadline = number(headers::DEADLINE).map_or(longest, |ms| longest.min(Duration::from_millis(ms)));
        let mut carried = HeaderMap::new();
        for name in [headers::CALLER, headers::REQUEST_ID] {
            if let Some(value) = inbound.get(&name) {
                carried.insert(name, value.clone());
            }
        }
        if let Some(parent) = inbound.get(headers::TRACEPARENT).filter(|value| is_traceparent(value.as_bytes())) {
            carried.insert(headers::TRACEPARENT, parent.clone());
            if let Some(state) = inbound.get(headers::TRACESTATE).filter(|state| state.len() <= TRACESTATE_BYTES_MAX) {
                carried.insert(headers::TRACESTATE, state.clone());
            }
        }
        let may_repeat = number(headers::RETRIES_LEFT) != Some(0);
        Self { may_repeat, carried, ..Self::begin(deadline, now) }
    }

    /// Returns the same hop for work of this priority.
    #[must_use]
    pub fn priority(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }

    /// Returns when whoever asked stops waiting.
    pub fn until(&self) -> Instant {
        self.until
    }

    /// Returns who waits.
    pub fn waited_for(&self) -> Priority {
        self.priority
    }

    /// Returns whether a request that failed with an answer of these headers, or with none, may be repeated at `now`,
    /// and takes the repetition out of the budget.
    pub fn may_repeat(&self, answer: Option<&HeaderMap>, budget: &Budget, now: Instant) -> bool {
        let said_final = answer.is_some_and(|answer| answer.contains_key(headers::FINAL));
        let may = !said_final && self.may_repeat && now < self.until && budget.withdraw(now);
        if !may {
            self.exhausted.store(true, Ordering::Relaxed);
        }
        may
    }

    /// Returns whether a request that takes long may be sent a second time at `now`, and takes that out of the budget.
    pub fn may_hedge(&self, budget: &Budget, now: Instant) -> bool {
        self.may_repeat && now < self.until && budget.withdraw(now)
    }

    /// Says that a repetition failed too.
    pub fn exhaust(&self) {
        self.exhausted.store(true, Ordering::Relaxed);
    }

    /// Writes what goes along into a request that is sent at `now`; `chance` becomes its span.
    pub fn send_along(&self, request: &mut HeaderMap, repeated: bool, chance: u64, now: Instant) {
        for (name, value) in &self.carried {
            if !request.contains_key(name) {
                request.insert(name, value.clone());
            }
        }
        let span = request.get(headers::TRACEPARENT).and_then(|parent| under(parent.as_bytes(), chance));
        if let Some(span) = span {
            request.insert(headers::TRACEPARENT, span);
        }
        let left_ms = self.until.saturating_duration_since(now).as_millis();
        request.insert(headers::DEADLINE, HeaderValue::from(u64::try_from(left_ms).unwrap_or(u64::MAX)));
        let retries_left = u64::from(self.may_repeat && !repeated);
        request.insert(headers::RETRIES_LEFT, HeaderValue::from(retries_left));
    }

    /// Marks an answer that reports a failure from below that nobody above is to repeat.
    pub fn mark(&self, answer: &mut HeaderMap) {
        if self.exhausted.load(Ordering::Relaxed) {
            answer.insert(headers::FINAL, FINAL);
        }
    }
}

/// Returns whether `value` is a trace parent of version 00 with ids that are not all zero (W3C Trace Context, 3.2).
fn is_traceparent(value: &[u8]) -> bool {
    let hex = |part: &[u8]| part.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    let id = |part: &[u8]| hex(part) && part.iter().any(|byte| *byte != b'0');
    let parts: Vec<&[u8]> = value.split(|byte| *byte == b'-').collect();
    match parts.as_slice() {
        [b"00", trace, span, flags] => {
            trace.len() == 32 && span.len() == 16 && flags.len() == 2 && id(trace) && id(span) && hex(flags)
        }
        _ => false,
    }
}

/// Returns the same trace with another span.
fn under(parent: &[u8], chance: u64) -> Option<HeaderValue> {
    let parent = std::str::from_utf8(parent).ok().filter(|parent| is_traceparent(parent.as_bytes()))?;
    let (trace, flags) = (parent.get(..36)?, parent.get(52..)?);
    HeaderValue::from_str(&format!("{trace}{:016x}{flags}", chance.max(1))).ok()
}

#[cfg(test)]
mod tests;
