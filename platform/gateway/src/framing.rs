//! Where a message of HTTP/1.1 ends: decided once, strictly, on the raw bytes, in both directions.
//!
//! Owns the head of a request and the framing of every body. Never reads or writes a socket.
//! Start reading at [`head`], then [`Body`] and [`chunks`].
//!
//! What is read here is what is sent on: no other parser sees the client's bytes, so none can take them otherwise.

use std::io;

use bytes::BytesMut;
use http::{HeaderMap, HeaderName};

pub(crate) mod chunks;
pub(crate) mod head;

use self::chunks::{Chunks, Piece};
pub(crate) use self::head::is_host;

/// Bytes asked for at once while little is known of what comes.
pub(crate) const READ_BYTES: usize = 8 << 10;
/// Bytes asked for at once of a long body.
const READ_BYTES_MAX: usize = 64 << 10;

/// Returns whether a header that is a list names this option, in any case.
pub(crate) fn has_option(headers: &HeaderMap, name: &HeaderName, option: &str) -> bool {
    let mut options = headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options.any(|other| other.trim_ascii().eq_ignore_ascii_case(option.as_bytes()))
}

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// So many bytes are left, maybe none.
    Length(u64),
    /// Chunks follow.
    Chunked,
    /// It ends with the connection; only an answer does.
    Close,
}

/// What is left of a body.
#[derive(Debug)]
pub(crate) struct Body {
    framing: Framing,
    chunks: Chunks,
}

impl Body {
    /// Returns a body of which nothing has been read.
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, chunks: Chunks::default() }
    }

    /// Returns how the end of what is left is found.
    #[cfg(test)]
    pub(crate) fn framing(&self) -> Framing {
        self.framing
    }

    /// Returns whether nothing more comes.
    pub(crate) fn is_end(&self) -> bool {
        self.framing == Framing::Length(0)
    }

    /// Returns the bytes left, if the sender said so.
    pub(crate) fn length(&self) -> Option<u64> {
        match self.framing {
            Framing::Length(left) => Some(left),
            Framing::Chunked | Framing::Close => None,
        }
    }

    /// Takes the next stretch of the body off `input`.
    pub(crate) fn take(&mut self, input: &mut BytesMut) -> io::Result<Piece> {
        let piece = match &mut self.framing {
            Framing::Length(0) => Piece::End,
            _ if input.is_empty() => Piece::More,
            Framing::Length(left) => {
                let here = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= here as u64;
                Piece::Data(input.split_to(here).freeze())
            }
            Framing::Close => Piece::Data(input.split().freeze()),
            Framing::Chunked => self.chunks.take(input).map_err(|_| io::ErrorKind::InvalidData)?,
        };
        if matches!(piece, Piece::End) {
            self.framing = Framing::Length(0);
        }
        Ok(piece)
    }

    /// Says that the connection has ended; returns whether the body ends with it.
    pub(crate) fn close(&mut self) -> bool {
        let whole = self.framing == Framing::Close;
        if whole {
            self.framing = Framing::Length(0);
        }
        whole
    }

    /// Returns how many bytes to ask for at once.
    pub(crate) fn wanted(&self) -> usize {
        match self.framing {
            Framing::Length(left) => usize::try_from(left).unwrap_or(READ_BYTES_MAX).clamp(READ_BYTES, READ_BYTES_MAX),
            Framing::Chunked | Framing::Close => READ_BYTES_MAX,
        }
    }
}
