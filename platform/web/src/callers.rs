//! Who asks: the gateway's caller token, opened and remembered for a moment.

use std::time::Duration;

use base::{Caller, RequestId, Timestamp, caller::Who};
use crypto::{CallerTokens, caller_token::CALLER_HEADER};
use http::HeaderMap;
use quick_cache::sync::Cache;

/// Most tokens remembered.
const REMEMBERED_MAX: usize = 1_024;
/// How long a token is taken as checked; by as much an expired one may live on.
const REMEMBERED_FOR: Duration = Duration::from_secs(5);

/// Opened tokens, so that a busy caller's signature is checked once in a while only.
pub(crate) struct Callers {
    tokens: CallerTokens,
    remembered: Cache<Box<str>, (Caller, Timestamp)>,
}

impl Callers {
    pub(crate) fn new(tokens: CallerTokens) -> Self {
        Self { tokens, remembered: Cache::new(REMEMBERED_MAX) }
    }

    /// Returns the caller of a request with these headers; `None` when nothing valid came.
    pub(crate) fn caller(&self, headers: &HeaderMap, request: RequestId, now: Timestamp) -> Option<Caller> {
        let token = headers.get(CALLER_HEADER)?.to_str().ok()?;
        if let Some((caller, checked_at)) = self.remembered.get(token)
            && now < checked_at + REMEMBERED_FOR
        {
            return Some(asking_by(&caller, request));
        }
        let caller = self.tokens.open(token, request, now).ok()?;
        self.remembered.insert(token.into(), (caller.clone(), now));
        Some(caller)
    }
}

fn asking_by(caller: &Caller, request: RequestId) -> Caller {
    match caller.who() {
        Who::Person(person) => Caller::person(caller.tenant(), person.clone(), request),
        Who::Nobody | Who::System(_) => Caller::nobody(caller.tenant(), request),
    }
}
