//! A stream that has become a tunnel (RFC 8441): its bytes are those of a WebSocket, its end is that of a connection.

use std::{
    io,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};
use tokio::sync::Notify;

use super::stream::ticking;
use crate::{body::Answer, tunnel::End, worker::Link};

/// The client's end of such a stream.
pub(super) struct Client {
    pub(super) from: RecvStream,
    pub(super) to: SendStream<Bytes>,
}

/// Passes bytes both ways until both sides are done, one of them breaks off, or nothing has moved for too long.
pub(super) async fn pass(mut client: Client, mut answer: Answer, link: &Link, ticked: &Notify) {
    let Some((tunnel, record)) = answer.tunnel() else { return };
    let outcome = ticking(ticked, |cx| {
        if client.to.poll_reset(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        tunnel.poll_moving(&mut client, (link.activity.now(), link.worker.shared.ticks.stream_idle), cx)
    });
    if outcome.await.is_err() {
        client.to.send_reset(Reason::CANCEL);
    }
    record.sent(usize::try_from(tunnel.bytes_down()).unwrap_or(usize::MAX));
}

impl End for Client {
    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        loop {
            let Some(data) = ready!(self.from.poll_data(cx)) else { return Poll::Ready(Ok(Bytes::new())) };
            let data = data.map_err(io::Error::other)?;
            let _ = self.from.flow_control().release_capacity(data.len());
            // A frame without bytes is not the end.
            if !data.is_empty() {
                return Poll::Ready(Ok(data));
            }
        }
    }

    fn poll_give(&mut self, bytes: &Bytes, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.to.reserve_capacity(bytes.len());
        let room = ready!(self.to.poll_capacity(cx)).ok_or(io::ErrorKind::ConnectionReset)?;
        let room = room.map_err(io::Error::other)?.min(bytes.len());
        self.to.send_data(bytes.slice(..room), false).map_err(io::Error::other)?;
        Poll::Ready(Ok(room))
    }

    fn poll_flush(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The connection sends what its streams have, in the same task.
        Poll::Ready(Ok(()))
    }

    fn poll_finish(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.to.send_data(Bytes::new(), true).map_err(io::Error::other))
    }
}
