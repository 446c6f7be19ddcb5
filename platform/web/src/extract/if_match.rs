//! The version that a change is based on.

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterIn},
    },
};

use crate::{Failure, Refusal, Result, manners};

/// The version in `If-Match`, as [`ETag`](crate::ETag) wrote it; `None` when the caller does not mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

/// The same where it must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasedOn(pub i64);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version =
            text.strip_prefix("\"v").and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
        // Something that we never gave out cannot be the current version.
        version.map(|version| Self(Some(version))).ok_or_else(|| Refusal::VersionStale.into())
    }
}

impl<S: Sync> FromRequestParts<S> for BasedOn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let IfMatch(version) = IfMatch::from_request_parts(parts, state).await?;
        version.map(Self).ok_or_else(|| Refusal::VersionRequired.into())
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![manners::if_match(Required::False)]
    }
}

impl IntoParams for BasedOn {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![manners::if_match(Required::True)]
    }
}
