//! Bodies on their way through: counted and bounded, never gathered.
//!
//! Owns what is known of a body's progress. Start reading at [`Upload`] for what comes in, [`Answer`] for what goes out.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use mesh::{balance::InFlight, discovery::Endpoint};

use crate::{
    access_log::Record,
    activity::Activity,
    compression::Packed,
    downstream::Incoming,
    http2::inbound::Http2Body,
    phases::normalise,
    refusal::Refusal,
    response_cache::Kept,
    tunnel::Tunnel,
    upstream::{self, Pool, Upstream, http2},
};

/// A request's body as it comes in.
pub(crate) enum Inbound {
    /// By HTTP/1.1.
    Http1(Incoming),
    /// By HTTP/2.
    Http2(Http2Body),
}

impl Body for Inbound {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.get_mut() {
            Self::Http1(body) => Pin::new(body).poll_frame(cx).map_err(|_| BrokenOff),
            Self::Http2(body) => Pin::new(body).poll_frame(cx).map_err(|_| BrokenOff),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Http1(body) => body.is_end_stream(),
            Self::Http2(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Http1(body) => body.size_hint(),
            Self::Http2(body) => body.size_hint(),
        }
    }
}

/// A request's body on its way to a service.
pub(crate) enum Upload {
    /// None, or one that is small and has been read, so that it can be sent again.
    Whole(Option<Bytes>),
    /// One that is passed on as it comes.
    Stream(Stream),
}

/// A body that is passed on as it comes.
pub(crate) struct Stream {
    incoming: Inbound,
    progress: Arc<Progress>,
    bytes_max: u64,
    /// Whether trailers are passed on.
    trailers: bool,
}

/// How far a streamed body has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    bytes: AtomicU64,
    finished: AtomicBool,
    failure: AtomicU8,
}

/// Why a body is not passed on any further. It ends the request to the service; the reason is in [`Progress`].
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a body broke off")]
pub(crate) struct BrokenOff;

impl Upload {
    /// Returns no body.
    pub(crate) fn empty() -> Self {
        Self::Whole(None)
    }

    /// Returns a body that is at hand.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    /// Returns a body that is passed on as it comes, up to `bytes_max`.
    pub(crate) fn stream(incoming: Inbound, bytes_max: u64) -> (Self, Arc<Progress>) {
        let progress = Arc::new(Progress::default());
        (Self::Stream(Stream { incoming, progress: Arc::clone(&progress), bytes_max, trailers: false }), progress)
    }

    /// Returns the same body, with its trailers.
    pub(crate) fn with_trailers(mut self) -> Self {
        if let Self::Stream(stream) = &mut self {
            stream.trailers = true;
        }
        self
    }
}

impl Progress {
    /// Returns the bytes that have come.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Returns whether all of the body has been passed on.
    pub(crate) fn finished(&self) -> bool {
        self.finished.load(Relaxed)
    }

    /// Returns what was wrong with the body.
    pub(crate) fn failure(&self) -> Option<Refusal> {
        Refusal::from_number(usize::from(self.failure.load(Relaxed)).checked_sub(1)?)
    }

    fn fail(&self, refusal: Refusal) -> BrokenOff {
        self.failure.store(refusal.number() as u8 + 1, Relaxed);
        BrokenOff
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(stream) => stream.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Stream(stream) => stream.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Stream(stream) => stream.incoming.size_hint(),
        }
    }
}

impl Stream {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let progress = &self.progress;
        loop {
            match ready!(Pin::new(&mut self.incoming).poll_frame(cx)) {
                None => {
                    progress.finished.store(true, Relaxed);
                    return Poll::Ready(None);
                }
                Some(Err(_)) => return Poll::Ready(Some(Err(progress.fail(Refusal::MalformedBody)))),
                Some(Ok(frame)) => {
                    let data = match frame.into_data() {
                        Ok(data) => data,
                        Err(frame) if self.trailers => {
                            let mut trailers = frame.into_trailers().unwrap_or_default();
                            keep_trailers(&mut trailers);
                            progress.finished.store(true, Relaxed);
                            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                        }
                        // Where they would become part of the head again, they could smuggle what it was checked for.
                        Err(_) => continue,
                    };
                    let bytes = progress.bytes.fetch_add(data.len() as u64, Relaxed) + data.len() as u64;
                    if bytes > self.bytes_max {
                        return Poll::Ready(Some(Err(progress.fail(Refusal::BodyTooLarge))));
                    }
                    if self.incoming.is_end_stream() {
                        progress.finished.store(true, Relaxed);
                    }
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
            }
        }
    }
}

/// Removes from trailers what only a head may say: what frames a message, what is for the next hop, and what is ours.
pub(crate) fn keep_trailers(trailers: &mut HeaderMap) {
    let refused: Vec<_> = trailers.keys().filter(|name| normalise::is_of_a_head(name)).cloned().collect();
    for name in refused {
        trailers.remove(name);
    }
}

/// An answer on its way out, and the record that is written when its last byte is gone.
pub(crate) struct Answer {
    content: Content,
    record: Record,
}

/// What an answer holds.
pub(crate) enum Content {
    /// What is at hand: our own words, or what was kept in the coding that is wanted.
    Whole(Option<Bytes>),
    /// What is kept, and some bytes long.
    Kept(Arc<Kept>),
    /// What a service sends.
    Service(Box<Download>),
    /// What a place that speaks HTTP/2 sends, with its trailers.
    Http2(Box<http2::Download>),
    /// What a service sends, in fewer bytes.
    Packed(Box<Packed>),
    /// Nothing: what follows is no longer HTTP.
    Tunnel(Box<Tunnel>),
}

/// A service's answer, and the connection it comes on.
pub(crate) struct Download {
    body: upstream::Body,
    /// The connection, until it can be given back, and where to.
    connection: Option<(Box<Upstream>, Arc<Pool>)>,
    in_flight: Option<InFlight<Endpoint>>,
    activity: Arc<Activity>,
    moved_at: u32,
    idle_ticks_max: u32,
}

impl Download {
    /// Returns the body of an answer that comes on `connection`.
    pub(crate) fn new(
        body: upstream::Body,
        connection: (Box<Upstream>, Arc<Pool>),
        in_flight: InFlight<Endpoint>,
        (activity, idle_ticks_max): (Arc<Activity>, u32),
    ) -> Self {
        let moved_at = activity.now();
        let (connection, in_flight) = (Some(connection), Some(in_flight));
        let mut download = Self { body, connection, in_flight, activity, moved_at, idle_ticks_max };
        download.end_if_done();
        download
    }

    fn end_if_done(&mut self) {
        if !self.body.is_end() {
            return;
        }
        self.in_flight = None;
        if let Some((upstream, pool)) = self.connection.take()
            && self.body.leaves_connection()
            && upstream.is_sent()
        {
            pool.put(upstream);
        }
    }

    /// Returns the bytes that are still to come, if the service said so.
    pub(crate) fn length(&self) -> Option<u64> {
        self.body.length()
    }

    /// Returns the next piece.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let Some((upstream, _)) = &mut self.connection else {
            return Poll::Ready(None);
        };
        upstream.poll_rest(cx);
        let Poll::Ready(piece) = upstream.poll_body(&mut self.body, cx) else {
            // The connection's driver polls this at every tick.
            let idle = self.activity.now().saturating_sub(self.moved_at);
            return if idle > self.idle_ticks_max { Poll::Ready(Some(Err(BrokenOff))) } else { Poll::Pending };
        };
        self.moved_at = self.activity.now();
        match piece {
            Some(Err(_)) => Poll::Ready(Some(Err(BrokenOff))),
            Some(Ok(data)) => {
                self.end_if_done();
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            None => {
                self.end_if_done();
                Poll::Ready(None)
            }
        }
    }
}

impl Answer {
    /// Returns the answer's body.
    pub(crate) fn new(content: Content, record: Record) -> Self {
        Self { content, record }
    }

    /// Says that the client did not take all of it.
    pub(crate) fn breaks_off(&mut self) {
        self.record.broke_off();
    }

    /// Returns the tunnel that follows the answer's head, if one does, and the record of what goes through it.
    pub(crate) fn tunnel(&mut self) -> Option<(&mut Tunnel, &mut Record)> {
        match &mut self.content {
            Content::Tunnel(tunnel) => Some((tunnel, &mut self.record)),
            Content::Whole(_) | Content::Kept(_) | Content::Service(_) | Content::Http2(_) | Content::Packed(_) => None,
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let this = self.get_mut();
        let frame = match &mut this.content {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Kept(kept) => {
                let bytes = kept.body.clone();
                this.content = Content::Whole(None);
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Content::Service(download) => download.poll(cx),
            Content::Http2(download) => download.poll(cx),
            Content::Packed(packed) => packed.poll(cx),
            Content::Tunnel(_) => Poll::Ready(None),
        };
        match &frame {
            Poll::Ready(Some(Ok(frame))) => this.record.sent(frame.data_ref().map_or(0, Bytes::len)),
            Poll::Ready(Some(Err(_))) => this.record.broke_off(),
            Poll::Ready(None) | Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_none(),
            Content::Kept(_) => false,
            Content::Service(download) => download.body.is_end(),
            Content::Http2(download) => download.is_end(),
            Content::Packed(packed) => packed.is_end(),
            Content::Tunnel(_) => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Content::Kept(kept) => SizeHint::with_exact(kept.body.len() as u64),
            Content::Service(download) => download.length().map_or_else(SizeHint::default, SizeHint::with_exact),
            Content::Http2(download) => download.length().map_or_else(SizeHint::default, SizeHint::with_exact),
            Content::Packed(_) => SizeHint::default(),
            Content::Tunnel(_) => SizeHint::with_exact(0),
        }
    }
}
