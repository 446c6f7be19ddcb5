//! Extractors: what handlers take from a request. All read the request's head or the body that the gate has taken, so their
//! order does not matter, and what they refuse becomes problem details.
//!
//! Owns the reading of requests. Never decides who may do what. Start reading at [`Form`].

mod fields;
mod form;
#[cfg(fuzzing)]
pub mod fuzzing;
mod if_match;
mod json;
mod once;
mod paging;
mod pairs;
mod path;
mod patient;
mod query;
mod signed;
mod streamed;
mod wrong;

pub use self::{
    fields::{Fields, FormFile, NamedError},
    form::Form,
    if_match::{BasedOn, IfMatch},
    json::Json,
    once::{ONCE_KEY_CHARS_MAX, OnceKey},
    paging::{PageQuery, Paging},
    path::Path,
    query::Query,
    signed::{Locale, MaybeSigned, Signed},
    streamed::Streamed,
};

use bytes::Bytes;
use http::request::Parts;

use crate::{Refusal, Result, gate::Taken};

/// Reads a query string, or names the parameter that cannot be read.
pub(crate) fn parse_query(query: &str) -> std::result::Result<Vec<(String, String)>, Refusal> {
    pairs::parse(query.as_bytes()).map_err(|unreadable| Refusal::WrongQuery(vec![unreadable.field_error()]))
}

/// Returns the body that the gate has taken; empty for methods without one.
fn body(parts: &Parts) -> Result<Bytes> {
    match parts.extensions.get::<Taken>() {
        Some(Taken(bytes)) => Ok(bytes.clone()),
        None if parts.method.is_safe() => Ok(Bytes::new()),
        None => Err(Refusal::Internal("a route that streams its body asks for it whole".to_owned()).into()),
    }
}

/// Returns the content type without its parameters, in lower case.
fn content_type(parts: &Parts) -> String {
    let value = parts.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
