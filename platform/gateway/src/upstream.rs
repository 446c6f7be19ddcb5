//! The way to a node and back: HTTP/1.1 written and read by the task of the request itself, HTTP/2 in `http2`.
//!
//! Owns the outgoing connections of a worker and the requests on them. Never chooses a node and never retries.
//! Start reading at [`Upstream::poll_exchange`]; `head` reads an answer's head, `pool` keeps connections, `request` writes.
//!
//! There is no task for a connection: whoever waits for an answer reads the socket, so that a request costs one wake-up
//! for its head, one for its answer, and nothing in between.

use std::{
    io,
    pin::pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http::{Response, request::Parts};
use mesh::tls::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    body::Upload,
    framing::{self, READ_BYTES, chunks::Piece},
    routes::file::Protocol,
    tunnel::End,
};

mod head;
pub(crate) mod http2;
mod pool;
mod request;

use self::head::Expects;
pub(crate) use self::{
    pool::Pool,
    request::{Encoded, Outgoing},
};

/// The head of a request in the words of its target.
pub(crate) enum Head {
    Http1(Encoded),
    Http2(Box<http2::Head>),
}

/// A connection to a node, with at most one request on it.
pub(crate) struct Upstream {
    stream: Stream,
    input: BytesMut,
    /// The present request, while anything is left of it or may be wanted back.
    request: Option<Outgoing>,
    /// The node's serial number.
    node: u64,
    reused: bool,
    _open: pool::Open,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The connection ended before a byte of an answer.
    #[error("the connection ended before an answer")]
    Early,
    /// The client's body is wrong.
    #[error("the request's body broke off")]
    Upload,
    /// What came is no answer.
    #[error("the answer is malformed")]
    Malformed,
}

/// What is left of an answer's body.
pub(crate) struct Body {
    rest: framing::Body,
    /// Whether the connection may carry another request after it.
    kept: bool,
}

impl Head {
    /// Writes the head of a request with this body; `None` when its host cannot be said by HTTP/2.
    pub(crate) fn of(protocol: Protocol, head: &Parts, body: &Upload) -> Option<Self> {
        let Parts { method, uri, headers, .. } = head;
        match protocol {
            Protocol::Http1 => Some(Self::Http1(Encoded::of(method, uri, headers, body))),
            Protocol::Http2 => http2::Head::of(method, uri, headers).map(Box::new).map(Self::Http2),
        }
    }
}

impl Upstream {
    fn new(stream: Stream, node: u64, open: pool::Open) -> Self {
        Self { stream, input: BytesMut::new(), request: None, node, reused: false, _open: open }
    }

    /// Returns whether it has carried requests before; the other side may then have just closed it.
    pub(crate) fn reused(&self) -> bool {
        self.reused
    }

    /// Takes on a request.
    pub(crate) fn begin(&mut self, request: Outgoing) {
        self.request = Some(request);
    }

    /// Returns the body of the request, so that it can be sent elsewhere, when nothing of the request was sent.
    pub(crate) fn into_unsent(self) -> Option<Upload> {
        self.request.and_then(Outgoing::into_unsent)
    }

    /// Sends as much of the request as the node takes, and reads until the head of its answer is there.
    pub(crate) fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Body>, Broken>> {
        let mut expects = Expects::Content;
        if let Some(request) = &mut self.request {
            expects = request.expects();
            match request.poll_send(&mut self.stream, cx) {
                Poll::Ready(Err(request::Failed::Upload)) => return Poll::Ready(Err(Broken::Upload)),
                Poll::Ready(Err(request::Failed::Connection)) if request.is_unsent() => {
                    return Poll::Ready(Err(Broken::Early));
                }
                // A node may answer and close before it has read everything: its answer counts.
                Poll::Ready(Ok(()) | Err(request::Failed::Connection)) | Poll::Pending => {}
            }
        }
        loop {
            if let Some(response) = head::take(&mut self.input, expects).map_err(|_| Broken::Malformed)? {
                return Poll::Ready(Ok(response));
            }
            if ready!(self.poll_read(READ_BYTES, cx)).unwrap_or(0) == 0 {
                let error = if self.input.is_empty() { Broken::Early } else { Broken::Malformed };
                return Poll::Ready(Err(error));
            }
        }
    }

    /// Returns the next piece of an answer's body; `None` at its end.
    pub(crate) fn poll_body(&mut self, body: &mut Body, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match body.rest.take(&mut self.input) {
                Ok(Piece::Data(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Ok(Piece::End) => return Poll::Ready(None),
                Ok(Piece::More) => {}
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
            match ready!(self.poll_read(body.rest.wanted(), cx)) {
                Ok(0) if body.rest.close() => return Poll::Ready(None),
                Ok(0) => return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    /// Sends on what is left of the request while its answer comes.
    pub(crate) fn poll_rest(&mut self, cx: &mut Context<'_>) {
        if let Some(request) = self.request.as_mut().filter(|request| !request.is_sent()) {
            // Whether it fails shows in the answer, which counts.
            let _ = request.poll_send(&mut self.stream, cx);
        }
    }

    /// Returns whether all of the request is sent; until then the connection cannot carry another one.
    pub(crate) fn is_sent(&self) -> bool {
        self.request.as_ref().is_none_or(Outgoing::is_sent)
    }

    fn poll_read(&mut self, bytes: usize, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.input.reserve(bytes);
        pin!(self.stream.read_buf(&mut self.input)).poll(cx)
    }

    /// Returns whether nothing has arrived since the last answer: neither its end nor what nobody asked for.
    fn is_quiet(&mut self) -> bool {
        self.input.is_empty() && self.stream.is_quiet()
    }
}

impl End for Upstream {
    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if self.input.is_empty() {
            ready!(self.poll_read(READ_BYTES, cx))?;
        }
        Poll::Ready(Ok(self.input.split().freeze()))
    }

    fn poll_give(&mut self, bytes: &Bytes, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        pin!(self.stream.write(bytes)).poll(cx)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(self.stream.flush()).poll(cx)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(self.stream.shutdown()).poll(cx)
    }
}

impl Body {
    /// Returns whether nothing more comes.
    pub(crate) fn is_end(&self) -> bool {
        self.rest.is_end()
    }

    /// Returns the bytes left, if the node said so.
    pub(crate) fn length(&self) -> Option<u64> {
        self.rest.length()
    }

    /// Returns whether the connection may carry another request now.
    pub(crate) fn leaves_connection(&self) -> bool {
        self.kept && self.is_end()
    }
}
