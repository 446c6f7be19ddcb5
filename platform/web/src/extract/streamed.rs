//! A form with files that is read as it comes, because it may be larger than what is held in memory.

use axum::{
    body::Body,
    extract::{FromRequest, Multipart},
};
use http::Request;

use super::{content_type, form::MULTIPART};
use crate::{Failure, Refusal, Result};

/// A multipart form on its way in.
#[derive(Debug)]
pub struct Streamed(pub Multipart);

impl<S: Send + Sync> FromRequest<S> for Streamed {
    type Rejection = Failure;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        if content_type(&parts) != MULTIPART {
            return Err(Refusal::UnsupportedMedia(MULTIPART).into());
        }
        let form = Multipart::from_request(Request::from_parts(parts, body), state).await;
        form.map(Self).map_err(|error| Refusal::UnreadableBody(error.body_text()).into())
    }
}
