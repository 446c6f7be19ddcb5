//! Who asks, and in which language.

use axum::extract::FromRequestParts;
use base::{Caller, caller::Who};
use http::request::Parts;

use crate::{Failure, Refusal, Result, entrance::Visit};

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct Signed(pub Caller);

/// Whoever asks: a person or nobody.
#[derive(Debug, Clone)]
pub struct MaybeSigned(pub Caller);

/// The language to answer in.
#[derive(Debug, Clone, Copy)]
pub struct Locale(pub &'static str);

impl<S: Sync> FromRequestParts<S> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let visit = Visit::of(&parts.extensions)?;
        match visit.caller.who() {
            Who::Person(_) => Ok(Self(visit.caller.clone())),
            Who::Nobody | Who::System(_) => Err(Refusal::SignIn.into()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for MaybeSigned {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self(Visit::of(&parts.extensions)?.caller.clone()))
    }
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self(Visit::of(&parts.extensions)?.language))
    }
}
