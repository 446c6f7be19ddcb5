//! Connections from outside that speak HTTP/2: many requests at once, each through the same phases as any other.
//!
//! Owns such a connection and its streams. Never lets one client have more than its bounds: streams, headers, windows,
//! and frames that cost us more than the client. Start reading at [`serve`]; `head` is what [`crate::framing`] is to
//! HTTP/1.1, `guard` counts frames, `stream` is one request and its answer, `tunnel` one that became a WebSocket.
//!
//! The streams of a connection are futures of its one task, polled when they are woken and at every tick.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream::FuturesUnordered};
use h2::server::{Builder, Connection};
use mesh::small_writes::SmallWrites;
use runtime::Shutdown;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tracing::debug;

use self::guard::Guard;
use crate::{
    activity::{Beat, Ring, TICK},
    settings::{Http2, Limits},
    wire::Wire,
    worker::{Connections, Link},
};

mod guard;
pub(crate) mod head;
pub(crate) mod inbound;
mod stream;
mod tunnel;

type Io = Guard<SmallWrites<Wire>>;

/// Serves a connection to its end, or until the requests under way are answered once the end has begun.
pub(crate) async fn serve(wire: Wire, link: Arc<Link>, connections: &Connections) {
    let shared = &link.worker.shared;
    let io = Guard::new(SmallWrites(wire), &shared.settings.http2, Arc::clone(&link.activity));
    let opening = protocol(&shared.settings.http2, &shared.limits).handshake::<_, Bytes>(io);
    let opened = tokio::select! {
        opened = timeout(Duration::from_millis(shared.settings.timeouts.head_ms), opening) => opened,
        () = connections.awaited_enough() => return,
    };
    match opened {
        Ok(Ok(connection)) => drive(connection, &link, &connections.end).await,
        Ok(Err(error)) => debug!(%error, "connection from outside does not speak HTTP/2"),
        Err(_) => debug!("connection from outside did not begin"),
    }
}

async fn drive(mut connection: Connection<Io, Bytes>, link: &Arc<Link>, end: &Shutdown) {
    let ticked = Arc::new(Notify::new());
    let mut streams = FuturesUnordered::new();
    let mut timer = pin!(sleep(TICK));
    let mut beat = Beat::new(timer.as_mut());
    let mut cancelled = pin!(end.cancelled());
    let mut stopping = false;
    poll_fn(|cx| {
        if !stopping && cancelled.as_mut().poll(cx).is_ready() {
            stopping = true;
            link.activity.stop();
            connection.graceful_shutdown();
        }
        while let Poll::Ready(ring) = beat.poll(&link.activity, cx) {
            if ring == Ring::Tick && link.activity.tick(link.worker.shared.ticks) {
                if stopping {
                    return Poll::Ready(());
                }
                // An idle client is told; it has a moment to take note.
                stopping = true;
                link.activity.close();
                connection.graceful_shutdown();
            }
            ticked.notify_waiters();
        }
        let ended = accept(&mut connection, cx, |request, respond| {
            streams.push(stream::serve(Arc::clone(link), request, respond, Arc::clone(&ticked)));
        });
        // What the streams write wakes this task again, so that it is sent.
        while let Poll::Ready(Some(())) = streams.poll_next_unpin(cx) {}
        beat.bring_forward(&link.activity, cx);
        ended
    })
    .await;
}

/// Moves the connection's frames and takes its new requests; ready when it has ended.
fn accept(
    connection: &mut Connection<Io, Bytes>,
    cx: &mut Context<'_>,
    mut take: impl FnMut(http::Request<h2::RecvStream>, h2::server::SendResponse<Bytes>),
) -> Poll<()> {
    loop {
        match connection.poll_accept(cx) {
            Poll::Ready(Some(Ok((request, respond)))) => take(request, respond),
            Poll::Ready(Some(Err(error))) => {
                debug!(%error, "connection from outside broke");
                return Poll::Ready(());
            }
            Poll::Ready(None) => return Poll::Ready(()),
            Poll::Pending => return Poll::Pending,
        }
    }
}

fn protocol(settings: &Http2, limits: &Limits) -> Builder {
    let bytes = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut builder = Builder::new();
    builder
        // For WebSocket (RFC 8441).
        .enable_connect_protocol()
        .max_concurrent_streams(settings.streams_max)
        .initial_window_size(settings.stream_window_bytes)
        .initial_connection_window_size(settings.connection_window_bytes)
        .max_header_list_size(bytes(limits.head_bytes_max))
        .max_send_buffer_size(settings.stream_window_bytes as usize)
        // Streams that were reset are remembered for frames that cross with that, and those not yet taken are counted.
        .max_concurrent_reset_streams(settings.streams_max as usize)
        .max_pending_accept_reset_streams(settings.resets_max as usize)
        .max_local_error_reset_streams(Some(settings.resets_max as usize));
    builder
}
