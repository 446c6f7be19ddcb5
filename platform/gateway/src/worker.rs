//! A thread of the gateway: its own sockets, its own runtime, its own connections in and out.
//!
//! Owns the sockets. Never moves a connection to another thread, so that nothing on a request's way is contended.
//! Start reading at [`start`]; [`drive`] is the life of one connection.

use std::{
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
use mesh::balance::Dice;
use runtime::{OnError, Shutdown, TaskKind, metrics::Gauge};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::sleep,
};
use tracing::warn;
use uuid::{Builder, Uuid};

use crate::{
    Error,
    acme::challenges::Challenges,
    activity::{Activity, Beat, Ring, TICK, Ticks},
    callers::Callers,
    date::{Date, DateText},
    downstream, http2,
    listeners::{Manner, Open},
    metrics::ServiceHandles,
    probes,
    rates::Rates,
    response_cache::ResponseCache,
    routes::Table,
    settings::{Limits, Settings},
    upstream::{Pool, http2::Lines},
    wire::{Protocol, Wire},
};

/// Tasks that run before the sockets are looked at again. All of the requests that arrived together then fall in.
const TASKS_A_TURN: u32 = 256;
/// Up to how many requests under way each sends as soon as it can.
const ALONE_MAX: usize = 4;
/// How long a connection that came just before its listener closed has to begin.
const GREETING_GRACE: Duration = Duration::from_secs(1);

/// What all workers share.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    /// What tells browsers to use https only.
    pub(crate) hsts: Option<HeaderValue>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) ticks: Ticks,
    pub(crate) table: ArcSwap<Table>,
    pub(crate) callers: Callers,
    pub(crate) cache: ResponseCache,
    pub(crate) rates: Rates,
    pub(crate) ambient: Ambient,
    pub(crate) probes: probes::Probes,
    /// What authorities ask for.
    pub(crate) challenges: Challenges,
    /// The numbers of what the gateway answers by itself.
    pub(crate) own_metrics: ServiceHandles,
    pub(crate) connections: Gauge,
    pub(crate) in_flight: Gauge,
}

/// One thread's part.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) lines: Lines,
    pub(crate) dice: Dice,
    requests: AtomicUsize,
    requests_max: usize,
    log_threshold: u64,
    handshakes: Semaphore,
    date: Date,
}

/// The connections of one listener on one thread, and their end.
#[derive(Default)]
pub(crate) struct Connections {
    pub(crate) end: Shutdown,
    /// Cheaper to look at than `end`.
    stopping: AtomicBool,
}

/// One connection from outside.
pub(crate) struct Link {
    pub(crate) worker: Arc<Worker>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) peer: IpAddr,
    pub(crate) peer_text: HeaderValue,
    /// Whether the client uses https.
    pub(crate) https: bool,
    /// The port of https to which its requests are led.
    pub(crate) redirect: Option<u16>,
}

impl Connections {
    /// Waits until the end has begun and those who were about to speak have had a moment for it.
    pub(crate) async fn awaited_enough(&self) {
        self.end.cancelled().await;
        sleep(GREETING_GRACE).await;
    }
}

/// Runs a worker on a thread of its own until `shutdown` begins and its requests are answered.
pub(crate) fn start(
    number: usize,
    listeners: watch::Receiver<Vec<Arc<Open>>>,
    shared: Arc<Shared>,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(TASKS_A_TURN)
        .enable_all()
        .build()
        .map_err(Error::Thread)?;
    let (hold, shutdown) = (shutdown.hold(), shutdown.clone());
    let thread = std::thread::Builder::new().name(format!("gateway-{number}"));
    let run = move || {
        let _hold = hold;
        if let Err(error) = runtime.block_on(serve(number, listeners, shared, &shutdown)) {
            tracing::error!(%error, "gateway worker failed");
            shutdown.begin();
        }
    };
    thread.spawn(run).map(drop).map_err(Error::Thread)
}

/// Accepts on the sockets of this worker, whichever they are at the moment.
async fn serve(
    number: usize,
    mut listeners: watch::Receiver<Vec<Arc<Open>>>,
    shared: Arc<Shared>,
    shutdown: &Shutdown,
) -> std::io::Result<()> {
    const ACCEPT: TaskKind = TaskKind::new("gateway-accept", OnError::Log);
    let drain = Duration::from_millis(shared.settings.timeouts.drain_ms);
    let places = Arc::new(Semaphore::new((shared.limits.connections_max / shared.settings.worker_count()).max(1)));
    let worker = Arc::new(Worker::new(shared));
    let closing = Shutdown::new();
    let mut accepting: Vec<(Arc<Open>, Arc<Connections>)> = Vec::new();
    while !shutdown.is_cancelled() {
        let wanted = listeners.borrow_and_update().clone();
        accepting.retain(|(open, connections)| {
            let stays = wanted.iter().any(|other| Arc::ptr_eq(open, other));
            if !stays {
                close(Arc::clone(connections), drain, &closing);
            }
            stays
        });
        for open in wanted {
            let Some(socket) = open.take_socket(number) else { continue };
            let socket = TcpListener::from_std(socket)?;
            let connections = Arc::new(Connections::default());
            accepting.push((Arc::clone(&open), Arc::clone(&connections)));
            let accept = accept(socket, open, Arc::clone(&worker), Arc::clone(&places), Arc::clone(&connections));
            connections.end.spawn(ACCEPT, accept);
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            changed = listeners.changed() => if changed.is_err() {
                shutdown.cancelled().await;
            },
        }
    }
    for (_, connections) in accepting {
        close(connections, drain, &closing);
    }
    // What is left then is cut off with the runtime.
    let _ = closing.drain(drain).await;
    Ok(())
}

/// Ends connections after their requests; what is left after `drain` is cut off by the ticks of the connections.
fn close(connections: Arc<Connections>, drain: Duration, closing: &Shutdown) {
    const CLOSE: TaskKind = TaskKind::new("gateway-close", OnError::Log);
    connections.stopping.store(true, Relaxed);
    connections.end.begin();
    closing.spawn(CLOSE, async move {
        let _ = connections.end.drain(drain + TICK).await;
    });
}

async fn accept(
    socket: TcpListener,
    open: Arc<Open>,
    worker: Arc<Worker>,
    places: Arc<Semaphore>,
    connections: Arc<Connections>,
) {
    let mut closing = false;
    loop {
        let accepted = tokio::select! {
            biased;
            accepted = socket.accept() => accepted,
            // Those who were let in by the kernel while we made up our mind are still served.
            () = std::future::ready(()), if closing => return,
            () = connections.end.cancelled(), if !closing => {
                closing = true;
                continue;
            }
        };
        match accepted {
            Ok((stream, peer)) => {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                admit(stream, peer, place, (&open, &worker, &connections));
            }
            Err(error) => {
                // Out of file descriptors, most likely; connections that end make room.
                warn!(%error, "gateway could not accept a connection");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

fn admit(
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
    (open, worker, connections): (&Arc<Open>, &Arc<Worker>, &Arc<Connections>),
) {
    const CONNECTION: TaskKind = TaskKind::new("gateway-connection", OnError::Log);
    let (manner, worker, connections) = (open.manner.load_full(), Arc::clone(worker), Arc::clone(connections));
    let end = connections.end.clone();
    end.spawn(CONNECTION, async move {
        let _place = place;
        worker.shared.connections.add(1);
        drive(stream, peer, &manner, &worker, &connections).await;
        worker.shared.connections.add(-1);
    });
}

/// Serves one connection to its end.
async fn drive(stream: TcpStream, peer: SocketAddr, manner: &Manner, worker: &Arc<Worker>, connections: &Connections) {
    let _ = stream.set_nodelay(true);
    let greeted = tokio::select! {
        greeted = greet(stream, manner, worker) => greeted,
        () = connections.awaited_enough() => None,
    };
    let Some((wire, protocol)) = greeted else { return };
    let peer_text = HeaderValue::try_from(peer.ip().to_string()).unwrap_or(HeaderValue::from_static("unknown"));
    let link = Arc::new(Link {
        worker: Arc::clone(worker),
        activity: Arc::default(),
        peer: peer.ip(),
        peer_text,
        https: manner.tls.is_some() || (worker.shared.settings.tls_ends_before() && manner.redirect.is_none()),
        redirect: manner.redirect,
    });
    match protocol {
        Protocol::Http1 => http1(wire, link, connections).await,
        Protocol::Http2 => http2::serve(wire, link, connections).await,
    }
}

/// Finds out what a connection speaks, with its handshake where there is TLS; `None` when it ended before.
async fn greet(stream: TcpStream, manner: &Manner, worker: &Worker) -> Option<(Wire, Protocol)> {
    if let Some(tls) = &manner.tls {
        return tls.accept(stream, &worker.handshakes).await.map(Wire::tls);
    }
    if manner.h2c {
        let head = Duration::from_millis(worker.shared.settings.timeouts.head_ms);
        return tokio::time::timeout(head, Wire::sniff(stream)).await.ok()?.ok();
    }
    Some((Wire::plain(stream), Protocol::Http1))
}

/// Serves a connection that speaks HTTP/1.1.
async fn http1(wire: Wire, link: Arc<Link>, connections: &Connections) {
    let (worker, activity) = (Arc::clone(&link.worker), Arc::clone(&link.activity));
    let mut life = pin!(downstream::serve(wire, link));
    let mut timer = pin!(sleep(TICK));
    let mut beat = Beat::new(timer.as_mut());
    let mut cancelled = pin!(connections.end.cancelled());
    // Registers for the wake-up at the end; from then on a flag is cheaper to look at.
    let mut registered = false;
    poll_fn(|cx| {
        if !activity.is_stopping() && (!registered || connections.stopping.load(Relaxed)) {
            registered = true;
            if cancelled.as_mut().poll(cx).is_ready() {
                activity.stop();
            }
        }
        while let Poll::Ready(ring) = beat.poll(&activity, cx) {
            if ring == Ring::Tick && activity.tick(worker.shared.ticks) {
                return Poll::Ready(());
            }
        }
        let life = life.as_mut().poll(cx);
        beat.bring_forward(&activity, cx);
        life
    })
    .await;
}

impl Worker {
    fn new(shared: Arc<Shared>) -> Self {
        let workers = shared.settings.worker_count();
        let sample = shared.settings.access_log.sample.clamp(0.0, 1.0);
        Self {
            pool: Arc::new(Pool::new(shared.settings.pool.clone())),
            lines: Lines::new(shared.settings.pool.clone()),
            dice: Dice::new(u64::from_le_bytes(shared.ambient.bytes())),
            requests: AtomicUsize::new(0),
            requests_max: (shared.limits.requests_max / workers).max(1),
            log_threshold: (sample * u64::MAX as f64) as u64,
            handshakes: Semaphore::new((shared.settings.tls.handshakes_max / workers).max(1)),
            date: Date::default(),
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

    /// Returns the time as answers say it.
    pub(crate) fn date(&self) -> DateText {
        self.date.text(self.shared.ambient.now())
    }

    /// Returns whether this request is one of those that are written to the access log.
    pub(crate) fn samples_log(&self) -> bool {
        self.log_threshold > 0 && self.dice.throw() <= self.log_threshold
    }

    /// Returns whether more requests are under way than the settings allow.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.requests.load(Relaxed) > self.requests_max
    }

    /// Lets what has arrived together come as far as this request before it sends: the sends then follow each other, and
    /// whoever reads them is woken once and not for each. A request that is nearly alone does not wait.
    pub(crate) async fn fall_in(&self) {
        if self.requests.load(Relaxed) > ALONE_MAX {
            tokio::task::yield_now().await;
        }
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
