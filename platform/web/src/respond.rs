//! What handlers answer: pages, redirects, versions, downloads.

use std::fmt::Write;

use askama::Template;
use axum::{
    body::Body,
    response::{Html, IntoResponse, IntoResponseParts, Response, ResponseParts},
};
use base::Page;
use http::{HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Failure, Result, extract::Json};

/// What a `filename*` parameter may hold as it is (RFC 8187).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');
/// What a `Location` may not hold as it is; all else was written by us.
const ADDRESS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'\\');

/// Renders a page.
pub fn html<T: Template>(page: &T) -> Result<Response> {
    html_with(StatusCode::OK, page)
}

/// Renders a page with this status.
pub fn html_with<T: Template>(status: StatusCode, page: &T) -> Result<Response> {
    let text = page.render().map_err(|error| Failure::internal(&error))?;
    Ok((status, Html(text)).into_response())
}

/// The version of what is answered; comes back in `If-Match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ETag(pub i64);

impl IntoResponseParts for ETag {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> std::result::Result<ResponseParts, Self::Error> {
        if let Ok(value) = HeaderValue::try_from(format!("\"v{}\"", self.0)) {
            parts.headers_mut().insert(header::ETAG, value);
        }
        Ok(parts)
    }
}

/// A page of a list, as the API answers it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to send as `after` to get the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// Returns a list that is short by nature, and so has one page.
    pub fn whole<I: Into<T>>(items: impl IntoIterator<Item = I>) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), next: None }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next: None }
    }
}

impl<T> From<Page<T>> for List<T> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items, next: page.next }
    }
}

/// Answers 201 with the address of what was made.
pub fn created<T: Serialize>(location: &str, value: T) -> Response {
    let mut response = (StatusCode::CREATED, Json(value)).into_response();
    if let Some(address) = address(location) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

/// Answers 204.
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Sends the browser to another address with GET.
pub(crate) fn see_other(location: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Some(address) = address(location) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

fn address(location: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(utf8_percent_encode(location, ADDRESS).to_string()).ok()
}

/// Returns `path` when it leads to a place on this site, else `/`. For addresses that came from outside, such as `next`.
pub fn local_path(path: &str) -> &str {
    let second = path.as_bytes().get(1);
    let local = path.starts_with('/') && !matches!(second, Some(b'/' | b'\\')) && !path.contains(char::is_control);
    if local { path } else { "/" }
}

/// Answers a file to keep, whatever its content: never shown in the page, never guessed at.
pub fn download(file_name: &str, content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    let kind = HeaderValue::try_from(content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_DISPOSITION, disposition(file_name));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    response
}

/// `attachment` with a plain name for old programs and the real one in RFC 8187's form.
fn disposition(file_name: &str) -> HeaderValue {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().trim_matches(['.', ' ']);
    let name = if name.is_empty() { "file" } else { name };
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .collect();
    let mut value = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        // Writing to a string cannot fail.
        let _ = write!(value, "; filename*=UTF-8''{}", utf8_percent_encode(name, ATTRIBUTE));
    }
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let check = |name: &str| disposition(name).to_str().unwrap().to_owned();
        assert_eq!(check("report.pdf"), "attachment; filename=\"report.pdf\"");
        assert_eq!(
            check("a\"; x=\"b.pdf"),
            "attachment; filename=\"a__ x__b.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%22b.pdf"
        );
        assert_eq!(check("../../etc/passwd"), "attachment; filename=\"passwd\"");
        assert_eq!(
            check("ບົດ.pdf"),
            "attachment; filename=\"___.pdf\"; filename*=UTF-8''%E0%BA%9A%E0%BA%BB%E0%BA%94.pdf"
        );
        assert_eq!(
            check("a\r\nSet-Cookie: x"),
            "attachment; filename=\"a__Set-Cookie_ x\"; filename*=UTF-8''a%0D%0ASet%2DCookie%3A%20x"
                .replace("%2D", "-")
        );
        assert_eq!(check(".."), "attachment; filename=\"file\"");
    }

    #[test]
    fn only_addresses_of_this_site_are_followed() {
        assert_eq!(local_path("/notes?x=1"), "/notes?x=1");
        for outside in ["//evil.example", "/\\evil.example", "https://evil.example", "", "notes", "/\n/x"] {
            assert_eq!(local_path(outside), "/", "{outside:?}");
        }
    }
}
