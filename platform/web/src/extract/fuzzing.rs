//! What fuzz targets call of this crate; not part of its interface.

use std::pin::pin;

use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Request, header};
use serde::Deserialize;

use super::{form, paging::Paging, pairs};
use crate::{cookies, i18n, strict_json};

/// One field of each kind that forms have.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Kinds {
    name: Option<String>,
    count: Option<i64>,
    agreed: bool,
    tags: Vec<u16>,
    id: Option<base::PersonId>,
}

/// Reads a query string, into a struct too.
pub fn query(bytes: &[u8]) {
    if let Ok(pairs) = pairs::parse(bytes) {
        let _ = pairs::read::<Kinds>(&pairs).map(|kinds| format!("{kinds:?}"));
        let _ = pairs::read::<Paging>(&pairs);
    }
}

/// Returns whether a JSON body is taken.
pub fn json(bytes: &[u8]) -> bool {
    strict_json::check(bytes).is_ok()
}

/// Reads the cookies and the languages of a browser.
pub fn headers(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    if let Ok(text) = value.to_str() {
        let _ = i18n::negotiate(text);
    }
    let headers = HeaderMap::from_iter([(header::COOKIE, value)]);
    let _ = cookies::read(&headers, cookies::THEME);
}

/// Reads a multipart form whose parts are separated by `--b`.
pub fn multipart(bytes: &[u8]) {
    let request = Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").body(());
    let Ok((parts, ())) = request.map(Request::into_parts) else { return };
    let form = pin!(form::fields(&parts, bytes.to_vec().into()));
    assert!(form.now_or_never().is_some(), "the whole body is there, so nothing waits");
}
