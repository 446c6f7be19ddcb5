//! The connections of one worker that speak HTTP/2, each shared by as many requests as the other side allows.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use h2::{
    Ping, PingPong,
    client::{Builder, SendRequest},
};
use mesh::{Error, discovery::Endpoint, pool::Settings, small_writes::SmallWrites};
use parking_lot::Mutex;
use runtime::{OnError, TaskKind};
use tokio::time::{Instant, sleep, timeout};
use tracing::debug;

/// Most requests on one connection, whatever the other side allows.
const STREAMS_MAX: usize = 256;
/// Bytes of one answer, and of all on one connection, that may be on their way or wait.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;
const HEAD_BYTES_MAX: u32 = 64 << 10;
/// How often a connection with requests is asked whether the other side is still there, and how long it may think.
const PING_EACH: Duration = Duration::from_secs(10);
const PONG_MAX: Duration = Duration::from_secs(10);

/// The connections of one worker, all used on its thread.
pub(crate) struct Lines {
    settings: Settings,
    slots: Mutex<HashMap<u64, Slot>>,
}

/// The connections to one place.
struct Slot {
    endpoint: Weak<Endpoint>,
    open: Vec<(SendRequest<Bytes>, Arc<State>)>,
    /// Held by whoever connects: those who come meanwhile share that connection.
    connecting: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    requests: AtomicU32,
    closed: AtomicBool,
    secured: bool,
}

/// A place for one request on a connection.
pub(crate) struct Line {
    send: SendRequest<Bytes>,
    state: Arc<State>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.state.requests.fetch_sub(1, Relaxed);
    }
}

impl Line {
    pub(super) fn send(&mut self) -> &mut SendRequest<Bytes> {
        &mut self.send
    }

    /// Returns whether its connection is one of TLS.
    pub(super) fn is_secured(&self) -> bool {
        self.state.secured
    }

    /// Says that its connection takes no more requests.
    pub(super) fn close(&self) {
        self.state.closed.store(true, Relaxed);
    }
}

impl Lines {
    /// Returns no connections.
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, slots: Mutex::default() }
    }

    /// Returns a place on a connection to `endpoint`: on one that stands and has room, or else on a new one.
    pub(crate) async fn line(&self, endpoint: &Arc<Endpoint>) -> Result<Line, Error> {
        // Those who wait while others cannot connect are not to try one after the other.
        let wait = Duration::from_millis(self.settings.connect_ms) * 2;
        let late = || Error::Connect { address: endpoint.node.address, source: io::ErrorKind::TimedOut.into() };
        timeout(wait, self.free_or_new(endpoint)).await.unwrap_or_else(|_| Err(late()))
    }

    async fn free_or_new(&self, endpoint: &Arc<Endpoint>) -> Result<Line, Error> {
        loop {
            let connecting = {
                let mut slots = self.slots.lock();
                if !slots.contains_key(&endpoint.serial()) {
                    // A new place is the moment to forget the ones that are gone.
                    slots.retain(|_, slot| slot.endpoint.strong_count() > 0);
                }
                let slot = slots.entry(endpoint.serial()).or_insert_with(|| Slot::of(endpoint));
                if let Some(line) = slot.free() {
                    return Ok(line);
                }
                if slot.open.len() >= self.settings.connections_max as usize {
                    return Err(Error::Exhausted { address: endpoint.node.address });
                }
                Arc::clone(&slot.connecting)
            };
            let Ok(_turn) = connecting.try_lock() else {
                // Somebody connects; what comes of it may have room for this one.
                drop(connecting.lock().await);
                continue;
            };
            let (send, state) = self.connect(endpoint).await?;
            state.requests.fetch_add(1, Relaxed);
            let line = Line { send: send.clone(), state: Arc::clone(&state) };
            if let Some(slot) = self.slots.lock().get_mut(&endpoint.serial()) {
                slot.open.push((send, state));
            }
            return Ok(line);
        }
    }

    async fn connect(&self, endpoint: &Arc<Endpoint>) -> Result<(SendRequest<Bytes>, Arc<State>), Error> {
        const LINE: TaskKind = TaskKind::new("upstream-http2", OnError::Log);
        let limit = Duration::from_millis(self.settings.connect_ms);
        let stream = endpoint.connect(limit).await?;
        let opened = timeout(limit, protocol().handshake(SmallWrites(stream))).await;
        let opened =
            opened.map_or_else(|_| Err(io::ErrorKind::TimedOut.into()), |opened| opened.map_err(io::Error::other));
        let (send, mut connection) =
            opened.map_err(|source| Error::Connect { address: endpoint.node.address, source })?;
        let state = Arc::new(State { secured: endpoint.node.secured, ..State::default() });
        let (idle_max, watched) = (Duration::from_millis(self.settings.idle_ms), Arc::clone(&state));
        let ping = connection.ping_pong();
        runtime::spawn(LINE, async move {
            tokio::select! {
                // Whoever waits for an answer is told why it ended.
                _ = connection => {}
                () = watch(ping, &watched, idle_max) => {}
            }
            watched.closed.store(true, Relaxed);
        });
        Ok((send, state))
    }
}

impl Slot {
    fn of(endpoint: &Arc<Endpoint>) -> Self {
        Self { endpoint: Arc::downgrade(endpoint), open: Vec::new(), connecting: Arc::default() }
    }

    fn free(&mut self) -> Option<Line> {
        let mut cx = Context::from_waker(Waker::noop());
        // One that was told to go away says so here.
        self.open.retain_mut(|(send, state)| {
            !state.closed.load(Relaxed) && !matches!(send.poll_ready(&mut cx), Poll::Ready(Err(_)))
        });
        let room = |(send, state): &&(SendRequest<Bytes>, Arc<State>)| {
            (state.requests.load(Relaxed) as usize) < send.current_max_send_streams().min(STREAMS_MAX)
        };
        let (send, state) = self.open.iter().find(room)?;
        state.requests.fetch_add(1, Relaxed);
        Some(Line { send: send.clone(), state: Arc::clone(state) })
    }
}

/// Waits until a connection is of no more use: the other side is gone, or nobody has needed it for a while.
async fn watch(ping: Option<PingPong>, state: &State, idle_max: Duration) {
    let Some(mut ping) = ping else { return std::future::pending().await };
    let mut used = Instant::now();
    loop {
        sleep(PING_EACH).await;
        if state.requests.load(Relaxed) == 0 {
            if used.elapsed() > idle_max {
                return;
            }
            continue;
        }
        used = Instant::now();
        if !matches!(timeout(PONG_MAX, ping.ping(Ping::opaque())).await, Ok(Ok(_))) {
            debug!("a place outside no longer answers on its connection");
            return;
        }
    }
}

fn protocol() -> Builder {
    let mut builder = Builder::new();
    builder
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_header_list_size(HEAD_BYTES_MAX)
        .max_send_buffer_size(STREAM_WINDOW_BYTES as usize);
    builder
}
