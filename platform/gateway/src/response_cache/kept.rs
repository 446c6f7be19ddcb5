//! An answer that is kept: how old it is, how well it serves, and its body in the codings that were asked for.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use tokio::time::Instant;

use super::{
    Address, TAGS,
    forms::Forms,
    rules::{self, Arrival, Lifetimes},
    shelf::Place,
};
use crate::compression::Coding;

/// An answer that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) lifetimes: Lifetimes,
    /// How old it was when it came, and when that was.
    age: Duration,
    at: Instant,
    path: String,
    /// The body in fewer bytes; what holds for the same body is shared.
    pub(super) forms: Arc<Forms>,
    pub(super) place: Option<Place>,
}

/// How well a kept answer serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worth {
    Fresh,
    /// It may be given while it is asked for anew.
    WhileAsked,
    /// It may be given when it cannot be had anew; in any case it can be asked whether it still holds.
    Stale,
}

/// What becomes of a kept answer of which a 304 has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is kept with what the 304 says.
    Renewed,
    /// It stays as it was: what came with the 304 is for whoever showed the credential.
    AsItWas,
    /// It may not be kept any longer.
    Over,
}

impl Kept {
    /// Returns an answer that came so.
    pub(crate) fn new(
        (status, headers, body): (StatusCode, HeaderMap, Bytes),
        lifetimes: Lifetimes,
        address: &Address,
        arrival: &Arrival,
    ) -> Self {
        let (age, path) = (rules::age(&headers, arrival), address.path.clone());
        Self { status, headers, body, lifetimes, age, at: arrival.at, path, forms: Arc::default(), place: None }
    }

    /// Returns the same answer with what a 304 that came so says of it (RFC 9111, 4.3.4), and what that makes of this one.
    pub(crate) fn renewed(&self, said: &HeaderMap, arrival: &Arrival, credential: bool) -> (Self, Fate) {
        let mut headers = self.headers.clone();
        // Its age counts anew from what the 304 says, or from nothing.
        headers.remove(header::AGE);
        for name in said.keys().filter(|name| *name != header::CONTENT_LENGTH) {
            headers.remove(name);
            for value in said.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        let allowed = |credential| rules::lifetimes(credential, self.status, &headers);
        let (lifetimes, fate) = match allowed(credential) {
            Some(lifetimes) => (lifetimes, Fate::Renewed),
            None if allowed(false).is_some() => (Lifetimes::OVER, Fate::AsItWas),
            None => (Lifetimes::OVER, Fate::Over),
        };
        let (status, body, path) = (self.status, self.body.clone(), self.path.clone());
        let (age, at, forms) = (rules::age(&headers, arrival), arrival.at, Arc::clone(&self.forms));
        (Self { status, headers, body, lifetimes, age, at, path, forms, place: None }, fate)
    }

    /// Takes it from where it is kept.
    pub(crate) fn leave(&self) {
        if let Some(place) = &self.place {
            place.clear(&self.forms);
        }
    }

    /// Returns the body as `code` makes it, which is done once for as long as the answer is kept; none where it does not
    /// get smaller.
    pub(crate) fn coded(&self, coding: Coding, code: impl FnOnce(&[u8]) -> Option<Bytes>) -> Option<Bytes> {
        if let Some(form) = self.forms.get(coding) {
            return form.clone();
        }
        let _one_at_a_time = self.forms.making();
        if let Some(form) = self.forms.get(coding) {
            return form.clone();
        }
        let form = code(&self.body).filter(|form| form.len() < self.body.len());
        if let Some(place) = &self.place {
            place.keep_form(&self.forms, coding, form.clone());
        }
        form
    }

    /// Returns how old it is.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        self.age + now.saturating_duration_since(self.at)
    }

    /// Returns how well it serves.
    pub(crate) fn worth(&self, now: Instant) -> Worth {
        let age = self.age(now);
        match age {
            age if age < self.lifetimes.fresh => Worth::Fresh,
            age if age < self.lifetimes.fresh + self.lifetimes.while_asked => Worth::WhileAsked,
            _ => Worth::Stale,
        }
    }

    /// Returns whether it may be given because it cannot be had anew.
    pub(crate) fn serves_on_error(&self, now: Instant) -> bool {
        self.age(now) < self.lifetimes.fresh + self.lifetimes.if_error
    }

    /// Returns whether it is the answer of `path` or of what lies below it.
    pub(super) fn is_below(&self, path: &str) -> bool {
        let rest = self.path.strip_prefix(path.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub(super) fn has_tag(&self, tag: &str) -> bool {
        let values = self.headers.get_all(&TAGS).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim() == tag)
    }
}
