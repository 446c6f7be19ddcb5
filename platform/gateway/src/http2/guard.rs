//! Counts the frames of a client that cost us more than they cost it, and breaks a connection that has too many of them.
//!
//! Owns the connection's sense of moving, as the guard of HTTP/1.1 does. Never reads what is in a frame.
//!
//! Each PING and SETTINGS must be answered, each RST_STREAM may undo work that was begun (the "rapid reset"), and empty
//! or tiny frames keep a core busy. A client that behaves sends a few in a second.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tracing::warn;

use crate::{activity::Activity, metrics, settings::Http2};

const PREFACE_BYTES: usize = 24;
const HEADER_BYTES: usize = 9;
/// A frame's types (RFC 9113, 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const WINDOW_UPDATE: u8 = 8;
/// Window updates that weigh as much as one other frame: a client that downloads quickly sends thousands in a second.
const WINDOW_UPDATES_EACH: u32 = 16;

/// A connection whose frames are counted.
pub(super) struct Guard<S> {
    inner: S,
    activity: Arc<Activity>,
    frames: Frames,
    limits: (u32, u32),
    counted: Counts,
    /// The tick in which they were counted.
    tick: u32,
}

/// The frames of a tick.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    control: u32,
    resets: u32,
    window_updates: u32,
}

/// Where in the client's frames the bytes have got to.
#[derive(Debug)]
struct Frames {
    /// Bytes to pass over before the next frame begins.
    skip: usize,
    header: [u8; HEADER_BYTES],
    /// How much of the header has come.
    filled: usize,
}

impl<S> Guard<S> {
    /// Returns the guard of `inner`.
    pub(super) fn new(inner: S, settings: &Http2, activity: Arc<Activity>) -> Self {
        let limits = (settings.control_frames_max, settings.resets_max);
        Self { inner, activity, frames: Frames::default(), limits, counted: Counts::default(), tick: 0 }
    }

    /// Counts the frames in `bytes`; returns whether there are too many.
    fn is_flood(&mut self, bytes: &[u8]) -> bool {
        let tick = self.activity.now();
        if tick != self.tick {
            (self.tick, self.counted) = (tick, Counts::default());
        }
        self.frames.read(bytes, &mut self.counted);
        let control = self.counted.control + self.counted.window_updates / WINDOW_UPDATES_EACH;
        control > self.limits.0 || self.counted.resets > self.limits.1
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self { skip: PREFACE_BYTES, header: [0; HEADER_BYTES], filled: 0 }
    }
}

impl Frames {
    fn read(&mut self, mut bytes: &[u8], counts: &mut Counts) {
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let taken = (HEADER_BYTES - self.filled).min(bytes.len());
            let (here, rest) = bytes.split_at(taken);
            let place = self.header.iter_mut().skip(self.filled);
            place.zip(here).for_each(|(place, byte)| *place = *byte);
            self.filled += taken;
            bytes = rest;
            if self.filled == HEADER_BYTES {
                self.filled = 0;
                let [high, middle, low, kind, flags, ..] = self.header;
                let length = u32::from_be_bytes([0, high, middle, low]);
                self.skip = length as usize;
                counts.add(kind, flags, length);
            }
        }
    }
}

impl Counts {
    fn add(&mut self, kind: u8, flags: u8, length: u32) {
        const END_STREAM: u8 = 1;
        match kind {
            // Of use, and bounded by windows and by the number of streams.
            HEADERS => {}
            DATA if length > 0 || flags & END_STREAM != 0 => {}
            WINDOW_UPDATE => self.window_updates += 1,
            RST_STREAM => self.resets += 1,
            _ => self.control += 1,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buffer))?;
        let new = buffer.filled().get(before..).unwrap_or_default();
        if !new.is_empty() {
            this.activity.touch();
            if this.is_flood(new) {
                metrics::FLOODS.with(&[]).increment();
                warn!("connection from outside has too many frames without use, and is broken off");
                return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
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

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, length: u8) -> Vec<u8> {
        let mut bytes = vec![0, 0, length, kind, flags, 0, 0, 0, 1];
        bytes.extend(std::iter::repeat_n(7, usize::from(length)));
        bytes
    }

    #[test]
    fn frames_are_counted_however_their_bytes_arrive() {
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        for (kind, flags, length) in
            [(4, 0, 6), (1, 5, 20), (6, 0, 8), (3, 0, 4), (0, 0, 0), (0, 0, 9), (0, 1, 0), (8, 0, 4)]
        {
            bytes.extend(frame(kind, flags, length));
        }
        let expected = Counts { control: 3, resets: 1, window_updates: 1 };
        for size in [1, 2, 7, 9, 1_000] {
            let (mut frames, mut counts) = (Frames::default(), Counts::default());
            bytes.chunks(size).for_each(|piece| frames.read(piece, &mut counts));
            assert_eq!(counts, expected, "{size}");
        }
    }
}
