//! Connections to nodes, kept open and used again.
//!
//! Owns every outgoing HTTP/1.1 connection of whoever has the pool, bounded by node. Never chooses a node and never
//! retries. Start reading at [`Pool::checkout`]. The gateway has one pool on each worker, so that a connection is
//! driven by the thread that uses it; the lock is then never contended and held for nanoseconds.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasherDefault, Hasher},
    sync::{
        Arc, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1},
};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use runtime::{OnError, TaskKind};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{Error, discovery::Endpoint, small_writes::SmallWrites, tls::Stream};

/// The bounds of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Most connections to one node, idle ones included. Since v0.1.
    pub connections_max: u32,
    /// Most idle connections kept to one node. Since v0.1.
    pub idle_max: usize,
    /// How long an idle connection is kept, in milliseconds. Since v0.1.
    pub idle_ms: u64,
    /// How long connecting may take, in milliseconds. Since v0.1.
    pub connect_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connections_max: 1_024, idle_max: 256, idle_ms: 20_000, connect_ms: 1_000 }
    }
}

/// Connections whose requests have bodies of type `B`.
pub struct Pool<B> {
    settings: Settings,
    slots: Mutex<HashMap<u64, Slot<B>, BuildHasherDefault<IdHasher>>>,
}

/// The connections to one node.
struct Slot<B> {
    endpoint: Weak<Endpoint>,
    idle: VecDeque<Idle<B>>,
    open: Arc<AtomicU32>,
}

struct Idle<B> {
    inner: Inner<B>,
    since: Instant,
}

struct Inner<B> {
    sender: http1::SendRequest<B>,
    _open: Open,
}

/// One of the open connections to a node, for the bound.
struct Open(Arc<AtomicU32>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that is used by one request at a time. Give it back with [`Connection::release`] when the answer has
/// been read to its end; dropped otherwise, it is closed.
pub struct Connection<B> {
    inner: Inner<B>,
    endpoint: Arc<Endpoint>,
    reused: bool,
}

/// A request that failed on its connection.
pub struct Failed<B> {
    /// The request, untouched, when nothing of it was sent.
    pub unsent: Option<Request<B>>,
    /// What happened.
    pub error: Error,
}

impl<B> Pool<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Returns a pool without connections.
    pub fn new(settings: Settings) -> Arc<Self> {
        Arc::new(Self { settings, slots: Mutex::default() })
    }

    /// Returns an idle connection to `endpoint` if there is one that still stands.
    pub fn idle(&self, endpoint: &Arc<Endpoint>) -> Option<Connection<B>> {
        let mut slots = self.slots.lock();
        let slot = slots.get_mut(&endpoint.serial())?;
        let mut settling = Vec::new();
        // The one used last is the likeliest to stand, and lets the others grow old.
        let found = loop {
            match slot.idle.pop_back() {
                Some(idle) if idle.inner.sender.is_ready() => break Some(idle.inner),
                // Its task has not run since the last answer ended; it is ready in a moment.
                Some(idle) if !idle.inner.sender.is_closed() => settling.push(idle),
                Some(_) => {}
                None => break None,
            }
        };
        slot.idle.extend(settling.into_iter().rev());
        found.map(|inner| Connection { inner, endpoint: Arc::clone(endpoint), reused: true })
    }

    /// Returns a connection to `endpoint`: an idle one, or else a new one.
    pub async fn checkout(&self, endpoint: &Arc<Endpoint>) -> Result<Connection<B>, Error> {
        match self.idle(endpoint) {
            Some(connection) => Ok(connection),
            None => self.connect(endpoint).await,
        }
    }

    /// Opens a new connection to `endpoint`.
    pub async fn connect(&self, endpoint: &Arc<Endpoint>) -> Result<Connection<B>, Error> {
        let address = endpoint.node.address;
        let open = self.open(endpoint).ok_or(Error::Exhausted { address })?;
        let limit = Duration::from_millis(self.settings.connect_ms);
        let stream = endpoint.connect(limit).await?;
        let sender = handshake(stream).await.map_err(|source| Error::Broken { address, source })?;
        let inner = Inner { sender, _open: open };
        Ok(Connection { inner, endpoint: Arc::clone(endpoint), reused: false })
    }

    /// Counts one more connection to `endpoint`, if the bound allows.
    fn open(&self, endpoint: &Arc<Endpoint>) -> Option<Open> {
        let mut slots = self.slots.lock();
        if !slots.contains_key(&endpoint.serial()) {
            // A new node is the moment to forget the ones that are gone.
            slots.retain(|_, slot| slot.endpoint.strong_count() > 0);
        }
        let slot = slots.entry(endpoint.serial()).or_insert_with(|| Slot::of(endpoint));
        let open = Open(Arc::clone(&slot.open));
        let before = slot.open.fetch_add(1, Ordering::Relaxed);
        (before < self.settings.connections_max).then_some(open)
    }

    fn put(&self, inner: Inner<B>, endpoint: &Arc<Endpoint>) {
        let now = Instant::now();
        let mut slots = self.slots.lock();
        let Some(slot) = slots.get_mut(&endpoint.serial()) else {
            return;
        };
        let limit = Duration::from_millis(self.settings.idle_ms);
        let old = |idle: &mut Idle<B>| now.saturating_duration_since(idle.since) > limit;
        while slot.idle.len() >= self.settings.idle_max || slot.idle.front_mut().is_some_and(old) {
            slot.idle.pop_front();
        }
        slot.idle.push_back(Idle { inner, since: now });
    }
}

impl<B> Connection<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Returns whether it has carried requests before; the other side may then have just closed it.
    pub fn reused(&self) -> bool {
        self.reused
    }

    /// Sends a request and returns the answer's head; its body follows while the connection lives.
    pub async fn send(&mut self, request: Request<B>) -> Result<Response<Incoming>, Failed<B>> {
        let address = self.endpoint.node.address;
        match self.inner.sender.try_send_request(request).await {
            Ok(response) => Ok(response),
            Err(failure) => Err(Failed::of(failure, address)),
        }
    }

    /// Gives the connection back to `pool` after the answer's end.
    pub fn release(self, pool: &Pool<B>) {
        if !self.inner.sender.is_closed() {
            pool.put(self.inner, &self.endpoint);
        }
    }
}

impl<B> Failed<B> {
    fn of(mut failure: TrySendError<Request<B>>, address: std::net::SocketAddr) -> Self {
        let unsent = failure.take_message();
        Self { unsent, error: Error::Broken { address, source: failure.into_error() } }
    }
}

impl<B> Slot<B> {
    fn of(endpoint: &Arc<Endpoint>) -> Self {
        Self { endpoint: Arc::downgrade(endpoint), idle: VecDeque::new(), open: Arc::default() }
    }
}

async fn handshake<B>(stream: Stream) -> hyper::Result<http1::SendRequest<B>>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    const CONNECTION: TaskKind = TaskKind::new("upstream-connection", OnError::Log);
    let (sender, connection) = http1::handshake(TokioIo::new(SmallWrites(stream))).await?;
    runtime::spawn(CONNECTION, async move {
        // Whoever waits on the connection is told of its end; there is nobody else to tell.
        let _ = connection.await;
    });
    Ok(sender)
}

/// Serial numbers need no mixing beyond one multiplication.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
