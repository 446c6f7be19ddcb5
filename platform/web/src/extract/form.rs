//! A form sent by a page, urlencoded or multipart.

use axum::{
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, multipart::MultipartError},
};
use base::FieldError;
use bytes::Bytes;
use http::{Request, request::Parts};
use serde::de::DeserializeOwned;

use super::{
    Fields, FormFile, body, content_type,
    pairs::{self, Pairs},
};
use crate::{Failure, Refusal, Result};

const URLENCODED: &str = "application/x-www-form-urlencoded";
pub(super) const MULTIPART: &str = "multipart/form-data";
/// What a form may be sent as, in the words of a refusal.
const EITHER: &str = "application/x-www-form-urlencoded or multipart/form-data";
/// Most parts of a multipart form.
const PARTS_MAX: usize = 1_000;

/// A form: its input when it reads as a `T`, and what was typed in any case.
#[derive(Debug, Clone)]
pub struct Form<T> {
    /// The input, or what is wrong with it.
    pub input: Result<T, Vec<FieldError>>,
    /// What was typed, to show the form again.
    pub fields: Fields,
    /// The files sent with it.
    pub files: Vec<FormFile>,
}

impl<T> Form<T> {
    /// Returns the file of the form field `field`, if one was chosen.
    pub fn file(&self, field: &str) -> Option<&FormFile> {
        self.files.iter().find(|file| file.field == field)
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Form<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let media = content_type(parts);
        if !is_form(&media) {
            return Err(Refusal::UnsupportedMedia(EITHER).into());
        }
        let bytes = body(parts)?;
        let (typed, files) =
            if media == MULTIPART { multipart(parts, bytes).await? } else { (urlencoded(&bytes)?, Vec::new()) };
        let fields = Fields::typed(typed);
        let input = pairs::read(fields.pairs());
        Ok(Self { input, fields, files })
    }
}

/// Returns true for the content types of forms.
pub(super) fn is_form(media: &str) -> bool {
    media == URLENCODED || media == MULTIPART
}

/// Returns the text fields of the form.
pub(super) async fn fields(parts: &Parts, bytes: Bytes) -> Result<Fields> {
    let typed = if content_type(parts) == MULTIPART { multipart(parts, bytes).await?.0 } else { urlencoded(&bytes)? };
    Ok(Fields::typed(typed))
}

fn urlencoded(bytes: &[u8]) -> Result<Pairs> {
    pairs::parse(bytes).map_err(|unreadable| Refusal::UnreadableBody(unreadable.to_string()).into())
}

async fn multipart(parts: &Parts, bytes: Bytes) -> Result<(Pairs, Vec<FormFile>)> {
    let mut request = Request::new(Body::from(bytes));
    request.headers_mut().clone_from(&parts.headers);
    // The gate has bounded the body.
    DefaultBodyLimit::disable().apply(&mut request);
    let unreadable = |reason: String| Failure::from(Refusal::UnreadableBody(reason));
    let broken = |error: MultipartError| unreadable(error.body_text());
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|error| unreadable(error.body_text()))?;
    let (mut typed, mut files) = (Pairs::new(), Vec::new());
    while let Some(part) = multipart.next_field().await.map_err(broken)? {
        if typed.len() + files.len() == PARTS_MAX {
            return Err(unreadable(format!("it has more than {PARTS_MAX} parts")));
        }
        let Some(field) = part.name().map(ToOwned::to_owned) else { continue };
        let name = part.file_name().map(ToOwned::to_owned);
        let content_type = part.content_type().map(ToOwned::to_owned);
        let bytes = part.bytes().await.map_err(broken)?;
        match name {
            // A file field in which nothing was chosen.
            Some(name) if name.is_empty() && bytes.is_empty() => {}
            Some(name) => files.push(FormFile { field, name, content_type, bytes }),
            None => {
                let text = String::from_utf8(bytes.into()).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
                typed.push((field, text));
            }
        }
    }
    Ok((typed, files))
}
