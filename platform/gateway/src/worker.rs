//! A thread of the gateway: its own listener, its own runtime, its own connections in and out.
//!
//! Owns the sockets. Never moves a connection to another thread, so that nothing on a request's way is contended.
//! Start reading at [`start`]; [`drive`] is the life of one connection.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::Poll,
    time::Duration,
};

use arc_swap::ArcSwap;
use base::Ambient;
use http::HeaderValue;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use mesh::{balance::Dice, small_writes::SmallWrites};
use runtime::{OnError, Shutdown, TaskKind, metrics::Gauge};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{Instant, sleep},
};
use tracing::{debug, warn};
use uuid::{Builder, Uuid};

use crate::{
    Error,
    activity::{Activity, TICK, Ticks},
    callers::Callers,
    framing::Guarded,
    metrics::ServiceHandles,
    phases, probes,
    rates::Rates,
    response_cache::ResponseCache,
    routes::Table,
    settings::{Limits, Settings},
    upstream::Pool,
};

/// Header bytes beyond the guard's bound are never needed: the guard has refused them.
const BUFFER_SLACK_BYTES: usize = 32 << 10;

/// What all workers share.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) limits: Arc<Limits>,
    pub(crate) ticks: Ticks,
    pub(crate) table: ArcSwap<Table>,
    pub(crate) callers: Callers,
    pub(crate) cache: ResponseCache,
    pub(crate) rates: Rates,
    pub(crate) ambient: Ambient,
    pub(crate) probes: probes::Probes,
    /// The numbers of what the gateway answers by itself.
    pub(crate) own_metrics: ServiceHandles,
    pub(crate) connections: Gauge,
    pub(crate) in_flight: Gauge,
}

/// One thread's part.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) dice: Dice,
    requests: AtomicUsize,
    requests_max: usize,
    log_threshold: u64,
    stopping: AtomicBool,
}

/// One connection from outside.
pub(crate) struct Link {
    pub(crate) worker: Arc<Worker>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) peer: IpAddr,
    pub(crate) peer_text: HeaderValue,
}

/// Runs a worker on a thread of its own until `shutdown` begins and its requests are answered.
pub(crate) fn start(
    number: usize,
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
    let (hold, shutdown) = (shutdown.hold(), shutdown.clone());
    let thread = std::thread::Builder::new().name(format!("gateway-{number}"));
    let run = move || {
        let _hold = hold;
        if let Err(error) = runtime.block_on(serve(listener, shared, &shutdown)) {
            tracing::error!(%error, "gateway worker failed");
            shutdown.begin();
        }
    };
    thread.spawn(run).map(drop).map_err(Error::Thread)
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>, shutdown: &Shutdown) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let workers = shared.settings.worker_count();
    let drain = Duration::from_millis(shared.settings.timeouts.drain_ms);
    let places = Arc::new(Semaphore::new((shared.limits.connections_max / workers).max(1)));
    let worker = Arc::new(Worker::new(shared));
    let connections = Shutdown::new();
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = accept(&listener, &worker, places, &connections) => {}
    }
    drop(listener);
    worker.stopping.store(true, Relaxed);
    // What is left then is cut off with the runtime.
    let _ = connections.drain(drain).await;
    Ok(())
}

async fn accept(listener: &TcpListener, worker: &Arc<Worker>, places: Arc<Semaphore>, connections: &Shutdown) {
    const CONNECTION: TaskKind = TaskKind::new("gateway-connection", OnError::Log);
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let (worker, end) = (Arc::clone(worker), connections.clone());
                connections.spawn(CONNECTION, async move {
                    let _place = place;
                    worker.shared.connections.add(1);
                    drive(stream, peer, &worker, &end).await;
                    worker.shared.connections.add(-1);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely; connections that end make room.
                warn!(%error, "gateway could not accept a connection");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Serves one connection to its end.
async fn drive(stream: TcpStream, peer: SocketAddr, worker: &Arc<Worker>, end: &Shutdown) {
    let activity = Arc::new(Activity::default());
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Guarded::new(SmallWrites(stream), Arc::clone(&worker.shared.limits), Arc::clone(&activity)));
    let peer_text = HeaderValue::try_from(peer.ip().to_string()).unwrap_or(HeaderValue::from_static("unknown"));
    let link = Link { worker: Arc::clone(worker), activity: Arc::clone(&activity), peer: peer.ip(), peer_text };
    let link = Arc::new(link);
    let service = service_fn(move |request| {
        let link = Arc::clone(&link);
        async move { Ok::<_, Infallible>(phases::answer(link, request).await) }
    });
    let mut connection = pin!(protocol(&worker.shared.limits).serve_connection(io, service));
    let mut tick = pin!(sleep(TICK));
    let mut cancelled = pin!(end.cancelled());
    let mut stopping = false;
    // Registers for the wake-up at the end; from then on a flag is cheaper to look at.
    let mut registered = false;
    poll_fn(|cx| {
        if !stopping && (!registered || worker.stopping.load(Relaxed)) {
            registered = true;
            if cancelled.as_mut().poll(cx).is_ready() {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
        while tick.as_mut().poll(cx).is_ready() {
            tick.as_mut().reset(Instant::now() + TICK);
            if activity.tick(worker.shared.ticks) {
                return Poll::Ready(());
            }
        }
        connection.as_mut().poll(cx).map(|outcome| {
            if let Err(error) = outcome {
                debug!(%error, "connection from outside broke");
            }
        })
    })
    .await;
}

fn protocol(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_headers(limits.headers_max).max_buf_size(limits.head_bytes_max + BUFFER_SLACK_BYTES);
    // The connection's own ticks bound the head instead, without a timer for each request.
    builder.header_read_timeout(None).half_close(false);
    builder
}

impl Worker {
    fn new(shared: Arc<Shared>) -> Self {
        let workers = shared.settings.worker_count();
        let sample = shared.settings.access_log.sample.clamp(0.0, 1.0);
        Self {
            pool: Arc::new(Pool::new(shared.settings.pool.clone())),
            dice: Dice::new(u64::from_le_bytes(shared.ambient.bytes())),
            requests: AtomicUsize::new(0),
            requests_max: (shared.limits.requests_max / workers).max(1),
            log_threshold: (sample * u64::MAX as f64) as u64,
            stopping: AtomicBool::new(false),
            shared,
        }
    }

    /// Makes the id of a request: UUIDv7.
    pub(crate) fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.shared.ambient.now().as_micros() / 1_000).unwrap_or(0);
        let mut bytes = [0; 10];
        let random = self.dice.throw().to_le_bytes().into_iter().chain(self.dice.throw().to_le_bytes());
        bytes.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
        Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    /// Returns whether this request is one of those that are written to the access log.
    pub(crate) fn samples_log(&self) -> bool {
        self.log_threshold > 0 && self.dice.throw() <= self.log_threshold
    }

    /// Returns whether more requests are under way than the settings allow.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.requests.load(Relaxed) > self.requests_max
    }

    pub(crate) fn request_begins(&self) {
        self.requests.fetch_add(1, Relaxed);
        self.shared.in_flight.add(1);
    }

    pub(crate) fn request_ends(&self) {
        self.requests.fetch_sub(1, Relaxed);
        self.shared.in_flight.add(-1);
    }
}
