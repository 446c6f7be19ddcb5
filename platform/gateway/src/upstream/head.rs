//! The head of an answer (RFC 9112, 4 and 6.3), read strictly: a node that cannot be understood in one way is not
//! understood at all.

use std::{mem::MaybeUninit, sync::LazyLock};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use memchr::memmem;

use super::Body;
use crate::framing::{self, Framing, has_option, head::decimal};

/// Bytes of a head.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Header lines of a head.
const HEADERS_MAX: usize = 128;

static END: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\r\n\r\n"));

/// The head is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// What of a request decides how its answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expects {
    /// Nothing in particular.
    Content,
    /// The request is a HEAD, whose answer has no body whatever it says.
    Head,
    /// The request asks for another protocol; the node may agree.
    Upgrade,
}

/// Takes the head of the final answer off `input`; `None` when it has not arrived whole.
pub(super) fn take(input: &mut BytesMut, expects: Expects) -> Result<Option<Response<Body>>, Malformed> {
    loop {
        let Some(end) = END.find(input) else {
            return if input.len() > HEAD_BYTES_MAX { Err(Malformed) } else { Ok(None) };
        };
        let response = read(&input.split_to(end + 4).freeze(), expects)?;
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS if expects == Expects::Upgrade => return Ok(Some(response)),
            // Nobody asked for another protocol.
            StatusCode::SWITCHING_PROTOCOLS => return Err(Malformed),
            status if status.is_informational() => {}
            _ => return Ok(Some(response)),
        }
    }
}

fn read(bytes: &Bytes, expects: Expects) -> Result<Response<Body>, Malformed> {
    let mut fields = [const { MaybeUninit::uninit() }; HEADERS_MAX];
    let mut parsed = httparse::Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    let complete = parser.parse_response_with_uninit_headers(&mut parsed, bytes, &mut fields);
    let complete = complete.map_err(|_| Malformed)?.is_complete();
    let (Some(status), Some(minor), true) = (parsed.code, parsed.version, complete) else {
        return Err(Malformed);
    };
    let status = StatusCode::from_u16(status).map_err(|_| Malformed)?;
    let mut headers = HeaderMap::with_capacity(parsed.headers.len() + SPARE_HEADERS);
    for field in parsed.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| Malformed)?;
        let value = HeaderValue::from_maybe_shared(bytes.slice_ref(field.value)).map_err(|_| Malformed)?;
        headers.append(name, value);
    }
    let bodiless = expects == Expects::Head || status.is_informational() || matches!(status.as_u16(), 204 | 304);
    let stated = framing(&headers)?;
    let framing = if bodiless { Framing::Length(0) } else { stated };
    let kept = status != StatusCode::SWITCHING_PROTOCOLS
        && minor == 1
        && framing != Framing::Close
        && !has_option(&headers, &header::CONNECTION, "close");
    let mut response = Response::new(Body { rest: framing::Body::new(framing), kept });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// What the gateway adds to an answer fits without growing the map.
const SPARE_HEADERS: usize = 4;

fn framing(headers: &HeaderMap) -> Result<Framing, Malformed> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    match (codings.next(), lengths.next()) {
        (None, None) => Ok(Framing::Close),
        (Some(coding), None) if codings.next().is_none() && coding.as_bytes().eq_ignore_ascii_case(b"chunked") => {
            Ok(Framing::Chunked)
        }
        (None, Some(length)) if lengths.next().is_none() => {
            decimal(length.as_bytes()).map(Framing::Length).ok_or(Malformed)
        }
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expects: Expects) -> Result<Option<(u16, Framing, bool)>, Malformed> {
        let taken = take(&mut BytesMut::from(text), expects)?;
        Ok(taken.map(|response| (response.status().as_u16(), response.body().rest.framing(), response.body().kept)))
    }

    #[test]
    fn the_end_of_a_body_is_where_the_rfc_says() {
        for (text, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", (200, Framing::Length(5), true)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", (200, Framing::Chunked, true)),
            ("HTTP/1.1 200 OK\r\n\r\n", (200, Framing::Close, false)),
            ("HTTP/1.1 204 No Content\r\n\r\n", (204, Framing::Length(0), true)),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", (304, Framing::Length(0), true)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n", (200, Framing::Length(0), false)),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", (200, Framing::Length(0), false)),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
                (200, Framing::Length(1), true),
            ),
        ] {
            assert_eq!(check(text, Expects::Content), Ok(Some(expected)), "{text:?}");
        }
        let to_head = check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Expects::Head);
        assert_eq!(to_head, Ok(Some((200, Framing::Length(0), true))));
        assert_eq!(check("HTTP/1.1 200 OK\r\nContent-Le", Expects::Content), Ok(None));
    }

    #[test]
    fn an_answer_that_can_be_read_in_two_ways_is_none() {
        for lines in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 5, 5",
            "Content-Length: +5",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "X: y\r\n folded",
            "X : y",
        ] {
            assert_eq!(
                check(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n"), Expects::Content),
                Err(Malformed),
                "{lines:?}"
            );
        }
        assert_eq!(check("HTTP/1.1 101 Switching Protocols\r\n\r\n", Expects::Content), Err(Malformed));
        let agreed = check("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nx", Expects::Upgrade);
        assert_eq!(agreed, Ok(Some((101, Framing::Length(0), false))));
        assert_eq!(check("HTTP/2 200\r\n\r\n", Expects::Content), Err(Malformed));
        assert_eq!(check(&"x".repeat(HEAD_BYTES_MAX + 1), Expects::Content), Err(Malformed));
    }
}
