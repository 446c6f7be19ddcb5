//! A JSON body, read strictly; and a JSON answer.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use base::FieldError;
use http::{header, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use super::{body, content_type};
use crate::{Failure, Refusal, Result, strict_json};

const MEDIA: &str = "application/json";

/// A JSON body. As a result, a JSON answer.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let media = content_type(parts);
        if media != MEDIA && !media.ends_with("+json") {
            return Err(Refusal::UnsupportedMedia(MEDIA).into());
        }
        let bytes = body(parts)?;
        strict_json::check(&bytes).map_err(Refusal::UnreadableBody)?;
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut deserializer);
        value.map(Self).map_err(|error| Failure::fields(vec![field_error(&error)]))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => ([(header::CONTENT_TYPE, MEDIA)], bytes).into_response(),
            Err(error) => Failure::internal(&error).into_response(),
        }
    }
}

/// Names the member at fault; serde says what is wrong in words only.
fn field_error(error: &serde_path_to_error::Error<serde_json::Error>) -> FieldError {
    let path = error.path().to_string();
    let text = error.inner().to_string();
    let named = text.split('`').nth(1).unwrap_or_default();
    let inside = |member: &str| if path == "." { member.to_owned() } else { format!("{path}.{member}") };
    if text.starts_with("missing field") {
        FieldError::new(inside(named), "required")
    } else if text.starts_with("unknown field") {
        // serde_path_to_error has already descended into the unknown member.
        FieldError::new(if path.ends_with(named) { path } else { inside(named) }, "unknown")
    } else if text.starts_with("unknown variant") {
        FieldError::new(path, "choice")
    } else if text.starts_with("invalid type: null") {
        FieldError::new(path, "required")
    } else {
        FieldError::new(path, "invalid")
    }
}
