//! The connection of a client, with what has been read and not yet taken, and what is still to be written.

use std::{
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use crate::{
    activity::Activity,
    framing::{
        Body, Framing, READ_BYTES,
        chunks::Piece,
        head::{self, Head, Line},
    },
    refusal::Refusal,
    settings::Limits,
    tunnel::End,
    worker::Link,
};

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// Up to how many bytes of an answer are copied behind what is written before them, because one write of one piece costs
/// less than one of two.
const JOINED_BYTES_MAX: usize = 4 << 10;

/// What a connection from outside is made of.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Io for S {}

/// One connection from outside.
pub(super) struct Socket {
    io: Box<dyn Io>,
    input: BytesMut,
    /// How many bytes of the input are known to hold no whole head.
    seen: usize,
    /// Lent to the reader of heads.
    lines: Vec<Line>,
    /// What is left of the present request's body.
    body: Body,
    /// Whether the client waits for a word before it sends the body.
    waits: bool,
    /// Whether the body broke its framing: there is no telling where it ends.
    broken: bool,
    output: Vec<u8>,
    /// How much of the output has been written.
    written: usize,
    /// What is to be written after the output, and what after that.
    tail: Bytes,
    end: &'static [u8],
    activity: Arc<Activity>,
    limits: Arc<Limits>,
}

impl Socket {
    pub(super) fn new(io: Box<dyn Io>, link: &Link) -> Self {
        Self::of(io, Arc::clone(&link.activity), Arc::clone(&link.worker.shared.limits))
    }

    pub(super) fn of(io: Box<dyn Io>, activity: Arc<Activity>, limits: Arc<Limits>) -> Self {
        Self {
            io,
            input: BytesMut::new(),
            seen: 0,
            lines: Vec::new(),
            body: Body::new(Framing::Length(0)),
            waits: false,
            broken: false,
            output: Vec::new(),
            written: 0,
            tail: Bytes::new(),
            end: b"",
            activity,
            limits,
        }
    }

    /// Returns whether nothing of a next request has arrived.
    pub(super) fn is_idle(&self) -> bool {
        self.input.is_empty()
    }

    /// Returns whether the present request's body has been read to its end.
    pub(super) fn is_read(&self) -> bool {
        self.body.is_end() && !self.broken
    }

    /// Reads the next head; `None` at the end of the connection. After one that is refused nothing can be trusted.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Head, Refusal>>> {
        loop {
            if self.is_worth_a_look() {
                match head::take(&mut self.input, &mut self.lines, &self.limits) {
                    Ok(Some(head)) => return Poll::Ready(Some(Ok(self.begin(head)))),
                    Ok(None) => self.activity.head_begins(),
                    Err(refusal) => return Poll::Ready(Some(Err(self.refuse(refusal)))),
                }
                self.seen = self.input.len();
            }
            match self.poll_fill(READ_BYTES, cx) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(None),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending if self.activity.head_overdue() => {
                    return Poll::Ready(Some(Err(self.refuse(Refusal::TooSlow))));
                }
                Poll::Pending => {
                    if self.input.is_empty() && self.activity.is_resting() {
                        // A connection that only waits should hold nothing.
                        self.input = BytesMut::new();
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    /// Returns whether a head may have become whole. It cannot have without a line feed, so a dribble of bytes is not read
    /// over and over.
    fn is_worth_a_look(&self) -> bool {
        let new = self.input.get(self.seen..).unwrap_or_default();
        !new.is_empty() && (memchr(b'\n', new).is_some() || self.input.len() >= self.limits.head_bytes_max)
    }

    fn begin(&mut self, head: Head) -> Head {
        self.seen = 0;
        self.activity.head_ends();
        self.activity.request_begins();
        self.body = Body::new(head.framing);
        self.waits = head.waits;
        head
    }

    fn refuse(&mut self, refusal: Refusal) -> Refusal {
        self.activity.head_ends();
        self.activity.request_begins();
        self.broken = true;
        refusal
    }

    /// Reads the next piece of the present request's body; `None` at its end.
    pub(super) fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match self.body.take(&mut self.input) {
                Ok(Piece::Data(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Ok(Piece::End) => return Poll::Ready(None),
                Ok(Piece::More) => {}
                Err(error) => {
                    self.broken = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
            if std::mem::take(&mut self.waits) {
                self.output.extend_from_slice(CONTINUE);
                // What is left of it goes out with the answer.
                let _ = self.poll_flush(cx)?;
            }
            if ready!(self.poll_fill(self.body.wanted(), cx))? == 0 {
                self.broken = true;
                return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
            }
        }
    }

    /// Waits for the client to go away while its request is answered.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // While the body comes, whoever reads it sees the end; and what a client sends ahead is bounded.
        while self.is_read() && self.input.len() < self.limits.head_bytes_max {
            if ready!(self.poll_fill(READ_BYTES, cx)).unwrap_or(0) == 0 {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }

    /// Reads what there is, with room for at least a part of `bytes`.
    fn poll_fill(&mut self, bytes: usize, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.capacity() - self.input.len() < bytes / 4 {
            self.input.reserve(bytes);
        }
        let read = ready!(pin!(self.io.read_buf(&mut self.input)).poll(cx));
        self.activity.touch();
        Poll::Ready(read)
    }

    /// Returns where a head or a piece that is short is put to be written.
    pub(super) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Returns whether what is queued must be written before more is.
    pub(super) fn is_full(&self) -> bool {
        !self.tail.is_empty() || self.output.len() >= JOINED_BYTES_MAX
    }

    /// Queues a piece of an answer and what ends it, where nothing long is queued.
    pub(super) fn queue(&mut self, data: Bytes, end: &'static [u8]) {
        if self.output.len() + data.len() + end.len() <= JOINED_BYTES_MAX {
            self.output.extend_from_slice(&data);
            self.output.extend_from_slice(end);
        } else {
            (self.tail, self.end) = (data, end);
        }
    }

    /// Writes what is queued.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let output = self.output.get(self.written..).unwrap_or_default();
            if output.is_empty() && self.tail.is_empty() && self.end.is_empty() {
                return Pin::new(&mut self.io).poll_flush(cx);
            }
            let io = Pin::new(&mut self.io);
            let written = if self.tail.is_empty() && self.end.is_empty() {
                io.poll_write(cx, output)
            } else {
                let pieces = [output, &self.tail, self.end].map(io::IoSlice::new);
                io.poll_write_vectored(cx, &pieces)
            };
            self.activity.wrote(written.is_ready());
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.advance(written),
            }
        }
    }

    /// Takes off what has been written.
    fn advance(&mut self, written: usize) {
        let of_output = written.min(self.output.len() - self.written);
        let of_tail = (written - of_output).min(self.tail.len());
        self.written += of_output;
        self.tail.advance(of_tail);
        self.end = self.end.get(written - of_output - of_tail..).unwrap_or_default();
        if self.written == self.output.len() {
            self.output.clear();
            self.written = 0;
        }
    }

    /// Says that nothing more will be written, then waits for the other side to close: until it has read our answer, closing
    /// with unread bytes would reset the connection. The connection's driver bounds the wait.
    pub(super) fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.activity.closing() {
            let _ = ready!(Pin::new(&mut self.io).poll_shutdown(cx));
            self.activity.close();
        }
        loop {
            self.input.clear();
            if ready!(self.poll_fill(READ_BYTES, cx)).unwrap_or(0) == 0 {
                return Poll::Ready(());
            }
        }
    }
}

impl End for Socket {
    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if self.input.is_empty() {
            ready!(self.poll_fill(READ_BYTES, cx))?;
        }
        Poll::Ready(Ok(self.input.split().freeze()))
    }

    fn poll_give(&mut self, bytes: &Bytes, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
