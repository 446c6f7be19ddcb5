//! A download: the bytes, or the part of them that is asked for.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::ids::FileId;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use web::extract::{Path, Query, Signed};

use crate::{
    Error, Files,
    actions::open_file::open_file,
    model::range::{Wanted, wanted},
    store::files::File,
};

#[derive(Debug, Deserialize)]
pub struct Link {
    grant: Option<String>,
}

/// Sends a file to keep. Its digest is its version: a download that broke off goes on where it was.
pub async fn show(
    State(files): State<Files>,
    Signed(caller): Signed,
    Path(id): Path<FileId>,
    Query(link): Query<Link>,
    headers: HeaderMap,
) -> web::Result<Response> {
    let file = open_file(&files, &caller, id, link.grant.as_deref()).await?;
    let version = format!("\"{}\"", crypto::digest::hex(&file.sha256));
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if text(header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|one| one.trim() == version)) {
        return Ok(versioned(StatusCode::NOT_MODIFIED.into_response(), &version));
    }
    // A part of another version would not fit the part that the caller has.
    let same = text(header::IF_RANGE).is_none_or(|known| known == version);
    let size_bytes = u64::try_from(file.size_bytes).unwrap_or(0);
    let (status, range) = match wanted(text(header::RANGE).filter(|_| same), size_bytes) {
        Wanted::Whole => (StatusCode::OK, 0..size_bytes),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Unsatisfiable => return Ok(unsatisfiable(size_bytes)),
    };
    let bytes = files.blobs.read(caller.tenant(), id, range.clone()).await.map_err(Error::from)?;
    let File { name, media_type, .. } = file;
    let mut response = web::download(&name, &media_type, Body::from_stream(bytes));
    *response.status_mut() = status;
    let length = HeaderValue::from(range.end - range.start);
    response.headers_mut().insert(header::CONTENT_LENGTH, length);
    if status == StatusCode::PARTIAL_CONTENT {
        content_range(&mut response, &format!("bytes {}-{}/{size_bytes}", range.start, range.end - 1));
    }
    Ok(versioned(response, &version))
}

fn versioned(mut response: Response, version: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(version) = HeaderValue::try_from(version) {
        headers.insert(header::ETAG, version);
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

fn unsatisfiable(size_bytes: u64) -> Response {
    let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    content_range(&mut response, &format!("bytes */{size_bytes}"));
    response
}

fn content_range(response: &mut Response, range: &str) {
    if let Ok(range) = HeaderValue::try_from(range) {
        response.headers_mut().insert(header::CONTENT_RANGE, range);
    }
}
