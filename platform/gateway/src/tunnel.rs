//! A connection that has left HTTP: bytes both ways between a client and a node, until one of them is done.
//!
//! Only WebSocket (RFC 6455) gets here. An upgrade to anything else is not passed on, since what would be spoken then
//! could be requests that no phase has seen. Start reading at [`Tunnel::poll_moving`]; `handshake` is what a client of HTTP/2
//! leaves to us.

use std::{
    io,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::{HeaderValue, Method, Version, header, request::Parts};
use mesh::{balance::InFlight, discovery::Endpoint};

use crate::{framing::has_option, upstream::Upstream};

pub(crate) mod handshake;

/// The protocol that may be asked for, as its header says it.
pub(crate) const PROTOCOL: HeaderValue = HeaderValue::from_static("websocket");

/// Returns whether a request asks to leave HTTP for WebSocket.
pub(crate) fn is_asked(head: &Parts) -> bool {
    let has = |name, option| has_option(&head.headers, &name, option);
    if head.version == Version::HTTP_2 {
        return handshake::is_extended(head);
    }
    head.version == Version::HTTP_11
        && head.method == Method::GET
        && has(header::CONNECTION, "upgrade")
        && has(header::UPGRADE, "websocket")
}

/// One end of a tunnel.
pub(crate) trait End {
    /// Takes bytes that came from it; none at its end.
    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>>;

    /// Gives it bytes; returns how many it took.
    fn poll_give(&mut self, bytes: &Bytes, cx: &mut Context<'_>) -> Poll<io::Result<usize>>;

    /// Sends on what it took.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Tells it that no more will come.
    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// The way to the node, and what is on its way.
pub(crate) struct Tunnel {
    node: Box<Upstream>,
    up: Flow,
    down: Flow,
    /// How many bytes had moved at the last tick at which any had.
    seen: Option<(u32, u64)>,
    _in_flight: InFlight<Endpoint>,
}

/// One direction.
#[derive(Default)]
struct Flow {
    held: Bytes,
    /// The sender is done.
    ended: bool,
    /// The receiver knows.
    told: bool,
    moved: u64,
}

impl Tunnel {
    /// Returns the tunnel to a node that has agreed.
    pub(crate) fn new(node: Box<Upstream>, in_flight: InFlight<Endpoint>) -> Self {
        Self { node, up: Flow::default(), down: Flow::default(), seen: None, _in_flight: in_flight }
    }

    /// Moves what there is; ready when both sides are done, or when nothing has moved for too many ticks.
    pub(crate) fn poll_moving(
        &mut self,
        client: &mut impl End,
        (now, idle_ticks_max): (u32, u32),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if let Poll::Ready(outcome) = self.poll(client, cx) {
            return Poll::Ready(outcome);
        }
        let moved = self.up.moved + self.down.moved;
        let (since, _) = *self.seen.insert(self.seen.filter(|(_, before)| *before == moved).unwrap_or((now, moved)));
        let overdue = now.saturating_sub(since) > idle_ticks_max;
        if overdue { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { Poll::Pending }
    }

    fn poll(&mut self, client: &mut impl End, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let up = self.up.poll(client, &mut *self.node, cx)?;
        let down = self.down.poll(&mut *self.node, client, cx)?;
        if up.is_ready() && down.is_ready() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Returns how many bytes went to the client.
    pub(crate) fn bytes_down(&self) -> u64 {
        self.down.moved
    }
}

impl Flow {
    fn poll(&mut self, from: &mut impl End, to: &mut impl End, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while !self.held.is_empty() {
                match ready!(to.poll_give(&self.held, cx))? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    given => {
                        self.held.advance(given);
                        self.moved += given as u64;
                    }
                }
            }
            ready!(to.poll_flush(cx))?;
            if self.told {
                return Poll::Ready(Ok(()));
            }
            if self.ended {
                ready!(to.poll_finish(cx))?;
                self.told = true;
                return Poll::Ready(Ok(()));
            }
            self.held = ready!(from.poll_take(cx))?;
            self.ended = self.held.is_empty();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(method: Method, lines: &[(&'static str, &'static str)]) -> bool {
        let (mut head, ()) = http::Request::new(()).into_parts();
        head.method = method;
        for (name, value) in lines {
            head.headers.append(*name, HeaderValue::from_static(value));
        }
        is_asked(&head)
    }

    #[test]
    fn only_websocket_is_an_upgrade() {
        let (connection, upgrade) = (("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket"));
        assert!(asks(Method::GET, &[connection, upgrade]));
        assert!(!asks(Method::POST, &[connection, upgrade]));
        assert!(!asks(Method::GET, &[upgrade]));
        assert!(!asks(Method::GET, &[connection]));
        assert!(!asks(Method::GET, &[connection, ("upgrade", "h2c")]));
    }
}
