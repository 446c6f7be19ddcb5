//! The version that a change is based on.

use axum::extract::FromRequestParts;
use http::{header, request::Parts};

use crate::{Failure, Refusal, Result};

/// The version in `If-Match`, as [`ETag`](crate::ETag) wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// Returns the version, or the failure that asks for it.
    pub fn required(self) -> Result<i64> {
        self.0.ok_or_else(|| Refusal::VersionRequired.into())
    }
}

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
