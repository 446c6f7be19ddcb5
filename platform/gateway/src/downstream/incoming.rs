//! The body of a request as it comes.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::Shared;
use crate::framing::Framing;

/// A request's body on its way in.
pub(crate) struct Incoming {
    socket: Shared,
    /// Its length, where the client said so.
    length: Option<u64>,
    ended: bool,
}

impl Incoming {
    /// Returns the body of the request that has just begun on `socket`, if it has one.
    pub(super) fn of(socket: &Shared, framing: Framing) -> Option<Self> {
        let length = match framing {
            Framing::Length(0) => return None,
            Framing::Length(length) => Some(length),
            Framing::Chunked | Framing::Close => None,
        };
        Some(Self { socket: Arc::clone(socket), length, ended: false })
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let piece = ready!(self.socket.lock().poll_body(cx));
        if let (Some(left), Some(Ok(data))) = (&mut self.length, &piece) {
            *left = left.saturating_sub(data.len() as u64);
        }
        self.ended = !matches!(piece, Some(Ok(_))) || self.length == Some(0);
        Poll::Ready(piece.map(|data| data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
