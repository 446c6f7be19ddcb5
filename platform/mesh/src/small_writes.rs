//! Writes of a head and a short body as one piece.
//!
//! A write of several pieces costs the kernel more than a copy of a kilobyte or two costs us; long bodies go out as
//! they are.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Up to how many bytes pieces are joined.
const JOINED_BYTES_MAX: usize = 2_048;

/// A connection whose short writes are joined.
#[derive(Debug)]
pub struct SmallWrites<S>(pub S);

impl<S: AsyncRead + Unpin> AsyncRead for SmallWrites<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SmallWrites<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let inner = Pin::new(&mut self.get_mut().0);
        if let [piece] = pieces {
            return inner.poll_write(cx, piece);
        }
        let bytes: usize = pieces.iter().map(|piece| piece.len()).sum();
        let mut joined = [0; JOINED_BYTES_MAX];
        let Some(joined) = joined.get_mut(..bytes) else {
            return inner.poll_write_vectored(cx, pieces);
        };
        let mut rest = &mut *joined;
        for piece in pieces {
            let Some((place, after)) = rest.split_at_mut_checked(piece.len()) else {
                break;
            };
            place.copy_from_slice(piece);
            rest = after;
        }
        inner.poll_write(cx, joined)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn pieces_arrive_in_order_whatever_their_size() {
        for size in [0, 1, 1_000, JOINED_BYTES_MAX - 4, JOINED_BYTES_MAX, 100_000] {
            let (mut reader, writer) = tokio::io::duplex(1 << 20);
            let mut writer = SmallWrites(writer);
            let (head, body) = (b"head".as_slice(), vec![b'x'; size]);
            let written = writer.write_vectored(&[io::IoSlice::new(head), io::IoSlice::new(&body)]).await.unwrap();
            drop(writer);
            let mut read = Vec::new();
            reader.read_to_end(&mut read).await.unwrap();
            assert_eq!(read, [head, &body].concat()[..written], "{size}");
            assert!(written >= head.len());
        }
    }
}
