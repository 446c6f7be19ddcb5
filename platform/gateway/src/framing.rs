//! The guard between a socket and the HTTP parser: what a request is, is decided once, strictly, on the raw bytes.
//!
//! Owns where each head and each body ends. Never lets a head through that another reader could read otherwise.
//! Start reading at [`Guarded::poll_read`](Guarded), then [`head`] and [`chunks`].
//!
//! The parser behind hides things (it drops Content-Length beside Transfer-Encoding, it forgives bare line feeds), so
//! they must be seen before. A head that is refused is replaced by one of our own, whose method nobody may send and
//! whose path names the refusal: the request then takes the usual way and is answered with the reason, in order,
//! after the answers to the sound requests before it. Nothing that follows it is read any more.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{activity::Activity, refusal::Refusal, settings::Limits};

pub(crate) mod chunks;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod head;

pub(crate) use self::head::{REFUSED_METHOD, is_host};

/// Bytes read at once while a head is incomplete, or while the rest of a refused request is thrown away.
const SCRATCH_BYTES: usize = 4_096;

/// A socket whose reader gets only sound requests.
pub(crate) struct Guarded<S> {
    inner: S,
    limits: Arc<Limits>,
    activity: Arc<Activity>,
    at: At,
    /// Bytes read and not yet passed on: an incomplete head, or what stands in for a refused one.
    held: Vec<u8>,
    /// How many of the held bytes may be passed on.
    ready: usize,
}

enum At {
    Head,
    Length(u64),
    Chunked(chunks::Chunks),
    /// A request was refused; the rest of the connection is thrown away.
    Refused,
    /// A body broke its framing; there is no telling where it ends.
    Broken,
}

/// How far a stretch of bytes may be passed on.
enum Verdict {
    All,
    /// What follows is an incomplete head.
    UpTo(usize),
    /// What follows is refused.
    Refuse(usize, Refusal),
    /// What follows is no chunk.
    Break(usize),
}

impl<S> Guarded<S> {
    /// Returns the guard of `inner`.
    pub(crate) fn new(inner: S, limits: Arc<Limits>, activity: Arc<Activity>) -> Self {
        Self { inner, limits, activity, at: At::Head, held: Vec::new(), ready: 0 }
    }

    /// Reads on in `bytes`, which follow what was read before.
    fn judge(&mut self, bytes: &[u8]) -> Verdict {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            match &mut self.at {
                At::Head => match head::read(rest, &self.limits) {
                    head::Progress::Complete { bytes, body } => {
                        used += bytes;
                        self.at = match body {
                            head::Body::Length(0) => At::Head,
                            head::Body::Length(left) => At::Length(left),
                            head::Body::Chunked => At::Chunked(chunks::Chunks::default()),
                        };
                        self.activity.request_begins();
                    }
                    head::Progress::Partial => return Verdict::UpTo(used),
                    head::Progress::Refused(refusal) => return Verdict::Refuse(used, refusal),
                },
                At::Length(left) => {
                    let here = rest.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    used += here;
                    *left -= here as u64;
                    if *left == 0 {
                        self.at = At::Head;
                    }
                }
                At::Chunked(chunks) => {
                    let Ok((here, done)) = chunks.read(rest) else {
                        self.at = At::Broken;
                        return Verdict::Break(used);
                    };
                    used += here;
                    if done {
                        self.at = At::Head;
                    }
                }
                At::Refused | At::Broken => return Verdict::UpTo(used),
            }
        }
        Verdict::All
    }

    /// Puts our own head in the place of what is held after the first `sound` bytes.
    fn refuse(&mut self, sound: usize, refusal: Refusal) {
        self.activity.head_ends();
        self.activity.request_begins();
        self.at = At::Refused;
        let stand_in = format!("{REFUSED_METHOD} /{} HTTP/1.1\r\nhost: refused\r\n\r\n", refusal.number());
        self.held.truncate(sound);
        self.held.extend_from_slice(stand_in.as_bytes());
        self.ready = self.held.len();
    }

    /// Passes on what is ready of the held bytes.
    fn release(&mut self, buffer: &mut ReadBuf<'_>) {
        let count = self.ready.min(buffer.remaining());
        buffer.put_slice(self.held.get(..count).unwrap_or_default());
        self.held.drain(..count);
        self.ready -= count;
        if self.held.is_empty() {
            // Incomplete heads are rare; an idle connection should hold nothing.
            self.held = Vec::new();
        }
    }
}

impl<S: AsyncRead + Unpin> Guarded<S> {
    /// Reads straight into the parser's buffer: the usual case, in which whole heads arrive, copies nothing.
    fn read_through(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<bool>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        let new = buffer.filled().get(before..).unwrap_or_default();
        if new.is_empty() {
            return Poll::Ready(Ok(true));
        }
        self.activity.touch();
        let verdict = self.judge(new);
        let used = match verdict {
            Verdict::All => return Poll::Ready(Ok(true)),
            Verdict::UpTo(used) | Verdict::Refuse(used, _) | Verdict::Break(used) => used,
        };
        match verdict {
            Verdict::Refuse(_, refusal) => self.refuse(0, refusal),
            Verdict::UpTo(_) => {
                self.held.extend_from_slice(new.get(used..).unwrap_or_default());
                self.activity.head_begins();
            }
            Verdict::All | Verdict::Break(_) => {}
        }
        buffer.set_filled(before + used);
        Poll::Ready(Ok(used > 0))
    }

    /// Reads more of an incomplete head.
    fn read_held(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut scratch = [0; SCRATCH_BYTES];
        let mut scratch = ReadBuf::new(&mut scratch);
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut scratch))?;
        if scratch.filled().is_empty() {
            return Poll::Ready(Ok(false));
        }
        self.activity.touch();
        self.held.extend_from_slice(scratch.filled());
        // A head cannot have become complete without a line feed, so a dribble of bytes is not read over and over.
        if !scratch.filled().contains(&b'\n') && self.held.len() < self.limits.head_bytes_max {
            return Poll::Ready(Ok(true));
        }
        let held = std::mem::take(&mut self.held);
        let verdict = self.judge(&held);
        self.held = held;
        match verdict {
            Verdict::All => {
                self.ready = self.held.len();
                self.activity.head_ends();
            }
            Verdict::UpTo(0) => {}
            Verdict::UpTo(used) => {
                self.ready = used;
                self.activity.head_ends();
                self.activity.head_begins();
            }
            Verdict::Refuse(used, refusal) => self.refuse(used, refusal),
            Verdict::Break(used) => {
                self.held.truncate(used);
                self.ready = used;
                self.activity.head_ends();
            }
        }
        Poll::Ready(Ok(true))
    }

    /// Throws away what follows a refused request, so that closing does not reset the connection under the answer.
    fn discard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut scratch = [0; SCRATCH_BYTES];
        loop {
            let mut scratch = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut scratch))?;
            if scratch.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.ready > 0 {
                this.release(buffer);
                return Poll::Ready(Ok(()));
            }
            match this.at {
                At::Refused => return this.discard(cx),
                At::Broken => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                At::Head | At::Length(_) | At::Chunked(_) => {}
            }
            if this.held.is_empty() {
                if ready!(this.read_through(cx, buffer))? {
                    return Poll::Ready(Ok(()));
                }
                continue;
            }
            match this.read_held(cx)? {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(Ok(())),
                Poll::Pending if this.activity.head_overdue() => this.refuse(0, Refusal::TooSlow),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.activity.wrote(written.is_ready());
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, slices);
        this.activity.wrote(written.is_ready());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    /// Says that nothing more will be written, then waits for the other side to close: until it has read our answer,
    /// closing with unread bytes would reset the connection. The connection's driver bounds the wait.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.activity.closing() {
            ready!(Pin::new(&mut this.inner).poll_shutdown(cx))?;
            this.activity.close();
        }
        let _ = ready!(this.discard(cx));
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
