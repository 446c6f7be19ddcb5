//! An answer on its way to the client: its head written once, its body as it comes.

use std::{
    future::poll_fn,
    io::{self, Write},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Method, Response, StatusCode, Version, header, response};
use http_body::Body;

use super::Shared;
use crate::{
    body::{Answer, BrokenOff},
    framing::{has_option, head::Head},
    tunnel::Tunnel,
    worker::Link,
};

const HEAD_BYTES_USUAL: usize = 1_024;

/// What of a request decides about the form of its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    to_head: bool,
    chunks: bool,
    kept: bool,
}

impl Asked {
    pub(super) fn of(head: &Head) -> Self {
        let chunks = head.parts.version == Version::HTTP_11;
        Self { to_head: head.parts.method == Method::HEAD, chunks, kept: head.kept }
    }

    /// Returns the form of an answer to what is no request.
    pub(super) fn refused() -> Self {
        Self { to_head: false, chunks: false, kept: false }
    }

    /// Returns the line that says what becomes of the connection, where the version does not say it already.
    fn word(self, status: StatusCode, kept: bool) -> &'static [u8] {
        match (kept, self.chunks) {
            _ if status == StatusCode::SWITCHING_PROTOCOLS => b"connection: upgrade\r\nupgrade: websocket\r\n",
            (true, true) => b"",
            (true, false) => b"connection: keep-alive\r\n",
            (false, _) => b"connection: close\r\n",
        }
    }
}

/// How the client finds the end of an answer's body (RFC 9112, 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// It has none, whatever its head says.
    Bodiless,
    /// Its length is said.
    Length(u64),
    /// In chunks.
    Chunked,
    /// It ends with the connection.
    Close,
}

/// An answer on its way.
pub(super) struct Outgoing {
    answer: Answer,
    form: Form,
    kept: bool,
    /// How it ended: all of it is queued, or it broke off.
    end: Option<Result<(), BrokenOff>>,
}

impl Outgoing {
    /// Puts the head of an answer on the way.
    pub(super) fn begin(socket: &Shared, asked: Asked, response: Response<Answer>, link: &Link) -> Self {
        let (head, answer) = response.into_parts();
        let form = Form::of(&head, &answer, asked);
        let kept = asked.kept
            && form != Form::Close
            && !has_option(&head.headers, &header::CONNECTION, "close")
            && !link.activity.is_stopping();
        let date = link.worker.date();
        write_head(socket.lock().output(), &head, form, asked.word(head.status, kept), &date);
        Self { answer, form, kept, end: (form == Form::Bodiless).then_some(Ok(())) }
    }

    /// Writes the answer to its end; returns whether the connection can carry another request.
    pub(super) async fn finish(mut self, socket: &Shared, link: &Link) -> io::Result<bool> {
        poll_fn(|cx| self.poll(socket, cx)).await?;
        if let Some((tunnel, record)) = self.answer.tunnel() {
            let outcome = pass(socket, tunnel, link).await;
            record.sent(usize::try_from(tunnel.bytes_down()).unwrap_or(usize::MAX));
            return outcome.map(|()| false);
        }
        Ok(self.kept && socket.lock().is_read())
    }

    fn poll(&mut self, socket: &Shared, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Some(end) = self.end {
                ready!(socket.lock().poll_flush(cx))?;
                return Poll::Ready(end.map_err(io::Error::other));
            }
            if socket.lock().is_full() {
                ready!(socket.lock().poll_flush(cx))?;
            }
            match Pin::new(&mut self.answer).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => self.queue(socket, frame.into_data().unwrap_or_default()),
                Poll::Ready(Some(Err(broken))) => self.end = Some(Err(broken)),
                Poll::Ready(None) => {
                    if self.form == Form::Chunked {
                        socket.lock().output().extend_from_slice(b"0\r\n\r\n");
                    }
                    self.end = Some(Ok(()));
                }
                Poll::Pending => {
                    let mut socket = socket.lock();
                    ready!(socket.poll_flush(cx))?;
                    return socket.poll_gone(cx).map(|()| Err(io::ErrorKind::ConnectionAborted.into()));
                }
            }
        }
    }

    fn queue(&self, socket: &Shared, data: Bytes) {
        if data.is_empty() {
            return;
        }
        let mut socket = socket.lock();
        if self.form == Form::Chunked {
            // Writing to memory does not fail.
            let _ = write!(socket.output(), "{:x}\r\n", data.len());
            socket.queue(data, b"\r\n");
        } else {
            socket.queue(data, b"");
        }
    }
}

/// Passes bytes both ways until both sides are done, or nothing has moved for too long.
async fn pass(socket: &Shared, tunnel: &mut Tunnel, link: &Link) -> io::Result<()> {
    let idle_ticks_max = link.worker.shared.ticks.stream_idle;
    poll_fn(|cx| tunnel.poll_moving(&mut *socket.lock(), (link.activity.now(), idle_ticks_max), cx)).await
}

impl Form {
    fn of(head: &response::Parts, answer: &Answer, asked: Asked) -> Self {
        if asked.to_head || head.status.is_informational() || matches!(head.status.as_u16(), 204 | 304) {
            return Self::Bodiless;
        }
        match answer.size_hint().exact() {
            Some(length) => Self::Length(length),
            None if asked.chunks => Self::Chunked,
            None => Self::Close,
        }
    }
}

/// Writes a head. Headers about framing and connection are ours to say; of an answer without a body the length stays.
fn write_head(output: &mut Vec<u8>, head: &response::Parts, form: Form, connection: &[u8], date: &[u8]) {
    output.reserve(HEAD_BYTES_USUAL);
    output.extend_from_slice(b"HTTP/1.1 ");
    output.extend_from_slice(head.status.as_str().as_bytes());
    output.push(b' ');
    output.extend_from_slice(head.status.canonical_reason().unwrap_or_default().as_bytes());
    output.extend_from_slice(b"\r\n");
    for (name, value) in &head.headers {
        let ours = name == header::CONNECTION
            || name == header::TRANSFER_ENCODING
            || (name == header::CONTENT_LENGTH && form != Form::Bodiless);
        if !ours {
            line(output, name.as_str().as_bytes(), value.as_bytes());
        }
    }
    match form {
        Form::Length(length) => {
            // Writing to memory does not fail.
            let _ = write!(output, "content-length: {length}\r\n");
        }
        Form::Chunked => output.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        Form::Bodiless | Form::Close => {}
    }
    if !head.headers.contains_key(header::DATE) {
        line(output, b"date", date);
    }
    output.extend_from_slice(connection);
    output.extend_from_slice(b"\r\n");
}

fn line(output: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    output.extend_from_slice(name);
    output.extend_from_slice(b": ");
    output.extend_from_slice(value);
    output.extend_from_slice(b"\r\n");
}
