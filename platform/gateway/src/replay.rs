//! A copy of a request, for sending it again.
//!
//! Nearly every request is copied and nearly no copy is used, so the headers are kept as bytes in one piece of memory
//! and made into headers again only when they are needed.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

use crate::body::Upload;

const FIELDS_BYTES_USUAL: usize = 1_024;

/// A request that can be made again.
pub(crate) struct Replay {
    method: Method,
    uri: Uri,
    /// Length of the name, length of the value, name, value; for each header.
    fields: Vec<u8>,
    body: Option<Bytes>,
}

impl Replay {
    /// Copies a request; `None` when it has a header of 64 KiB or more.
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: Option<Bytes>) -> Option<Self> {
        let mut fields = Vec::with_capacity(FIELDS_BYTES_USUAL);
        for (name, value) in headers {
            let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
            fields.extend_from_slice(&u16::try_from(name.len()).ok()?.to_le_bytes());
            fields.extend_from_slice(&u16::try_from(value.len()).ok()?.to_le_bytes());
            fields.extend_from_slice(name);
            fields.extend_from_slice(value);
        }
        Some(Self { method: method.clone(), uri: uri.clone(), fields, body })
    }

    /// Makes the request again.
    pub(crate) fn request(&self) -> Request<Upload> {
        let mut request = Request::new(Upload::Whole(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        let mut rest = self.fields.as_slice();
        while let Some((name, value, after)) = field(rest) {
            request.headers_mut().append(name, value);
            rest = after;
        }
        request
    }
}

/// Reads the first field.
fn field(fields: &[u8]) -> Option<(HeaderName, HeaderValue, &[u8])> {
    let (name_bytes, rest) = fields.split_first_chunk::<2>()?;
    let (value_bytes, rest) = rest.split_first_chunk::<2>()?;
    let (name, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*name_bytes)))?;
    let (value, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*value_bytes)))?;
    Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_made_again_is_the_same() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("host", "a"), ("x-one", "1"), ("x-one", "2"), ("empty", ""), ("x-bytes", "caf\u{e9}")] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let uri = Uri::from_static("/a?b");
        let replay = Replay::of(&Method::PUT, &uri, &headers, Some(Bytes::from_static(b"body"))).unwrap();
        for _ in 0..2 {
            let request = replay.request();
            assert_eq!((request.method(), request.uri(), request.headers()), (&Method::PUT, &uri, &headers));
            assert!(matches!(request.body(), Upload::Whole(Some(body)) if body == "body"));
        }
    }

    #[test]
    fn a_header_that_is_too_long_is_not_copied() {
        let long = HeaderValue::try_from("x".repeat(1 << 16)).unwrap();
        let headers = HeaderMap::from_iter([(http::header::COOKIE, long)]);
        assert!(Replay::of(&Method::GET, &Uri::from_static("/"), &headers, None).is_none());
    }
}
