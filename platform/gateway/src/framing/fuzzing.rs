//! The guard as a function of bytes, for fuzz targets and tests.

use std::{collections::VecDeque, task::Waker};

use super::{AsyncRead, Context, Guarded, Pin, Poll, ReadBuf, io};
use crate::Arc;

/// A socket whose bytes arrive in these pieces.
struct Pieces(VecDeque<Vec<u8>>);

impl AsyncRead for Pieces {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let pieces = &mut self.get_mut().0;
        let Some(mut piece) = pieces.pop_front() else {
            return Poll::Ready(Ok(()));
        };
        let rest = piece.split_off(piece.len().min(buffer.remaining()));
        if !rest.is_empty() {
            pieces.push_front(rest);
        }
        buffer.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

/// Returns what is passed on when `bytes` arrive in pieces of these sizes, over and over, and are read `room` at a time;
/// and whether the connection was then broken off.
pub(crate) fn passed(bytes: &[u8], sizes: &[usize], room: usize) -> (Vec<u8>, bool) {
    let (mut rest, mut pieces) = (bytes, VecDeque::new());
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).clamp(1, rest.len()));
        pieces.push_back(piece.to_vec());
        rest = after;
    }
    let mut guarded = Guarded::new(Pieces(pieces), Arc::default(), Arc::default());
    let (mut out, mut space) = (Vec::new(), vec![0; room]);
    loop {
        let mut buffer = ReadBuf::new(&mut space);
        match Pin::new(&mut guarded).poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer) {
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => return (out, false),
            Poll::Ready(Ok(())) => out.extend_from_slice(buffer.filled()),
            Poll::Ready(Err(_)) | Poll::Pending => return (out, true),
        }
    }
}
