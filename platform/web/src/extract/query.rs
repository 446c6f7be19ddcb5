//! The query string as a value.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{pairs, parse_query};
use crate::{Failure, Refusal, Result};

/// The parameters of the query string. Those that `T` does not know are left to other extractors; those that no extractor of an
/// API operation knows are refused before.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let pairs = parse_query(parts.uri.query().unwrap_or_default())?;
        pairs::read(&pairs).map(Self).map_err(|errors| Refusal::WrongQuery(errors).into())
    }
}
