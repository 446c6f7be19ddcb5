//! Tells the gateway to forget what it remembers of a person: a session ended, or what they may do changed.

use std::convert::Infallible;

use axum::response::{IntoResponseParts, ResponseParts};
use base::PersonId;
use http::HeaderValue;

/// The header in which a service names a person to the gateway, which takes it off the answer.
const HEADER: &str = "fpms-forget";

/// Put before an answer, lets the very next request of this person be looked up again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forget(pub(crate) Option<PersonId>);

impl IntoResponseParts for Forget {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        if let Some(value) = self.0.and_then(|person| HeaderValue::try_from(person.to_string()).ok()) {
            parts.headers_mut().insert(HEADER, value);
        }
        Ok(parts)
    }
}
