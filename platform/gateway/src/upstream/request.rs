//! A request as bytes: written once, and sent again as it is when that is safe.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, Method, Uri, header};
use http_body::Body;
use mesh::tls::Stream;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::head::Expects;
use crate::body::Upload;

const HEAD_BYTES_USUAL: usize = 512;
/// Up to how many bytes a body is copied behind its head, because one write costs less than two.
const JOINED_BYTES_MAX: usize = 16 << 10;

/// The head of a request as it goes to a node, whichever. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Encoded {
    bytes: Bytes,
    expects: Expects,
}

/// A request that is being sent.
pub(crate) struct Outgoing {
    head: Encoded,
    /// What is to be written next.
    next: Bytes,
    /// The body that follows it.
    body: Option<Upload>,
    /// A body that was put behind the head.
    joined: Option<Bytes>,
    chunked: bool,
    unsent: bool,
    /// Whether what was written may still be in our hands, as it may with TLS.
    unflushed: bool,
}

/// Why a request is not sent to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// The node takes nothing more.
    Connection,
    /// The client's body is wrong.
    Upload,
}

impl Encoded {
    /// Writes the head of a request with this body.
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Upload) -> Self {
        let mut bytes = BytesMut::with_capacity(HEAD_BYTES_USUAL);
        bytes.put_slice(method.as_str().as_bytes());
        bytes.put_u8(b' ');
        bytes.put_slice(uri.path_and_query().map_or("/", |path| path.as_str()).as_bytes());
        bytes.put_slice(b" HTTP/1.1\r\n");
        for (name, value) in headers {
            if name == header::CONTENT_LENGTH || name == header::TRANSFER_ENCODING {
                continue;
            }
            line(&mut bytes, name.as_str().as_bytes(), value.as_bytes());
        }
        match body.size_hint().exact() {
            // An empty body is stated only where the client did.
            Some(0) if !headers.contains_key(header::CONTENT_LENGTH) => {}
            Some(length) => line(&mut bytes, b"content-length", length.to_string().as_bytes()),
            None => line(&mut bytes, b"transfer-encoding", b"chunked"),
        }
        bytes.put_slice(b"\r\n");
        let expects = match *method {
            Method::HEAD => Expects::Head,
            _ if headers.contains_key(header::UPGRADE) => Expects::Upgrade,
            _ => Expects::Content,
        };
        Self { bytes: bytes.freeze(), expects }
    }

    /// Returns the head as it goes to a node.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn line(bytes: &mut BytesMut, name: &[u8], value: &[u8]) {
    bytes.reserve(name.len() + value.len() + 4);
    bytes.put_slice(name);
    bytes.put_slice(b": ");
    bytes.put_slice(value);
    bytes.put_slice(b"\r\n");
}

impl Outgoing {
    /// Returns the request with this head and body.
    pub(crate) fn new(head: Encoded, body: Upload) -> Self {
        let chunked = body.size_hint().exact().is_none();
        let next = head.bytes.clone();
        let mut outgoing = Self { head, next, body: Some(body), joined: None, chunked, unsent: true, unflushed: false };
        outgoing.join();
        outgoing
    }

    /// Returns the body again, so that it can be sent elsewhere, when nothing was sent.
    pub(crate) fn into_unsent(self) -> Option<Upload> {
        let body = self.joined.map(|body| Upload::Whole(Some(body))).or(self.body);
        body.filter(|_| self.unsent)
    }

    /// Returns whether nothing has been sent.
    pub(crate) fn is_unsent(&self) -> bool {
        self.unsent
    }

    /// Returns whether all has been sent.
    pub(crate) fn is_sent(&self) -> bool {
        self.next.is_empty() && self.body.is_none() && !self.unflushed
    }

    /// Returns how its answer is to be read.
    pub(super) fn expects(&self) -> Expects {
        self.head.expects
    }

    /// Puts a short body that is at hand behind the head.
    fn join(&mut self) {
        let Some(Upload::Whole(Some(body))) = &self.body else {
            return;
        };
        if body.len() <= JOINED_BYTES_MAX {
            let mut joined = BytesMut::with_capacity(self.next.len() + body.len());
            joined.put_slice(&self.next);
            joined.put_slice(body);
            self.next = joined.freeze();
            self.joined = Some(body.clone());
            self.body = None;
        }
    }

    /// Writes as much as the node takes and the client has sent.
    pub(super) fn poll_send(&mut self, stream: &mut Stream, cx: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        loop {
            while !self.next.is_empty() {
                match ready!(pin!(stream.write(&self.next)).poll(cx)) {
                    Ok(written) if written > 0 => {
                        self.unsent = false;
                        self.unflushed = true;
                        self.next.advance(written);
                    }
                    _ => return Poll::Ready(Err(Failed::Connection)),
                }
            }
            let flushed = Pin::new(&mut *stream).poll_flush(cx).map_err(|_| Failed::Connection)?;
            self.unflushed = flushed.is_pending();
            let Some(body) = &mut self.body else {
                return flushed.map(Ok);
            };
            match ready!(Pin::new(body).poll_frame(cx)) {
                None => {
                    self.body = None;
                    if self.chunked {
                        self.next = Bytes::from_static(b"0\r\n\r\n");
                    }
                }
                Some(Err(_)) => return Poll::Ready(Err(Failed::Upload)),
                Some(Ok(frame)) => {
                    let data = frame.into_data().unwrap_or_default();
                    self.next = if self.chunked && !data.is_empty() { chunk(&data) } else { data };
                }
            }
        }
    }
}

/// Returns `data` as a chunk (RFC 9112, 7.1).
fn chunk(data: &[u8]) -> Bytes {
    let size = format!("{:x}\r\n", data.len());
    let mut bytes = BytesMut::with_capacity(size.len() + data.len() + 2);
    bytes.put_slice(size.as_bytes());
    bytes.put_slice(data);
    bytes.put_slice(b"\r\n");
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::HOST};

    use super::*;

    fn encoded(headers: &[(header::HeaderName, &'static str)], body: &Upload) -> String {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        let head = Encoded::of(&Method::PUT, &Uri::from_static("/a?b"), &headers, body);
        String::from_utf8(head.bytes.to_vec()).unwrap()
    }

    #[test]
    fn the_length_of_a_body_is_stated_once_and_in_one_way() {
        let body = Upload::Whole(Some(Bytes::from_static(b"body")));
        let text = encoded(&[(HOST, "a"), (header::CONTENT_LENGTH, "99"), (header::TRANSFER_ENCODING, "x")], &body);
        assert_eq!(text, "PUT /a?b HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n");
        let empty = Upload::empty();
        assert_eq!(encoded(&[(HOST, "a")], &empty), "PUT /a?b HTTP/1.1\r\nhost: a\r\n\r\n");
        let stated = encoded(&[(header::CONTENT_LENGTH, "0")], &empty);
        assert_eq!(stated, "PUT /a?b HTTP/1.1\r\ncontent-length: 0\r\n\r\n");
    }

    #[test]
    fn a_body_that_was_put_behind_its_head_can_be_had_again() {
        let body = Upload::Whole(Some(Bytes::from_static(b"body")));
        let head = Encoded::of(&Method::PUT, &Uri::from_static("/"), &HeaderMap::new(), &body);
        let outgoing = Outgoing::new(head, body);
        assert!(outgoing.next.ends_with(b"\r\n\r\nbody") && !outgoing.is_sent());
        assert!(matches!(outgoing.into_unsent(), Some(Upload::Whole(Some(body))) if body == "body"));
    }
}
