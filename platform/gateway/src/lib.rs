//! The one door: every request from outside comes in here and is led to the service it belongs to.
//!
//! Owns the public listeners and the way of a request. Never reads what a service's request means, and never waits for
//! a lookup of a node. Start reading at [`Gateway::start`], then `phases`: its files are a request's life in order.
//!
//! * `worker` a thread with its listener; `framing` the guard on the raw bytes; `activity` the timeouts
//! * `phases` identify, normalise, limit, route, authenticate, quota, cache, rewrite, proxy, respond
//! * `routes`, `route_file` and `trace` the way; `callers` who asks
//! * `response_cache` answers kept for everybody; `compression` answers in fewer bytes
//! * `body` what is on its way; `upstream` the connections to nodes
//! * `rates` how much may come from whom
//! * `refusal` and `problem` what is refused, and how that is said
//! * `access_log`, `metrics`, `probes`, `admin`, `explain` what can be seen from outside

#![warn(missing_docs)]

use std::{io, net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use base::Ambient;
use mesh::Discovery;
use runtime::{Health, OnError, Shutdown, TaskKind};
use socket2::{Domain, Protocol, Socket, Type};
use tracing::info;

mod access_log;
mod activity;
pub mod admin;
mod body;
pub mod callers;
mod compression;
mod explain;
mod framing;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod metrics;
mod phases;
mod probes;
mod problem;
pub mod rates;
pub mod refusal;
mod response_cache;
pub mod route_file;
mod routes;
pub mod settings;
mod trace;
mod upstream;
mod worker;

use self::{
    activity::Ticks,
    admin::Admin,
    metrics::ServiceHandles,
    probes::Probes,
    rates::Rates,
    response_cache::ResponseCache,
    route_file::RouteFile,
    routes::{Sources, Table},
    worker::Shared,
};
pub use self::{
    callers::{Authenticate, Authenticated, Callers, Credential, Denied, Question},
    phases::{COOKIE_HTTP, COOKIE_HTTPS},
    refusal::{CODES, Refusal},
    routes::file::Invalid,
    settings::Settings,
};

const BACKLOG: i32 = 4_096;

/// What the gateway is made of.
pub struct Parts {
    /// The live view of the services.
    pub discovery: Discovery,
    /// Who finds out who asks.
    pub authenticate: Arc<dyn Authenticate>,
    /// Time and chance.
    pub ambient: Ambient,
    /// Whether this process is ready.
    pub health: Health,
    /// What whoever asks the admin listener for more than probes must show; nobody may when absent.
    pub admin_key: Option<Arc<str>>,
    /// What gateways count limits in together; each counts for itself when absent.
    pub shared: Option<cache::Shared>,
}

/// The gateway.
#[derive(Debug, Clone, Copy)]
pub struct Gateway;

/// A gateway that runs until its node stops.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it answers probes.
    pub admin: Option<SocketAddr>,
    /// The callers it remembers, so that it can be told to forget.
    pub callers: Callers,
}

/// Why the gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("could not listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The route file cannot be used.
    #[error("the routes cannot be used")]
    Routes(#[from] route_file::Error),
    /// A limit cannot be held to.
    #[error("the limits cannot be used: {0}")]
    Rates(String),
    /// A worker could not be started.
    #[error("could not start a worker of the gateway")]
    Thread(#[source] io::Error),
}

impl Gateway {
    /// Starts the gateway; it stops with `shutdown`, after the requests under way. Call it within a runtime.
    pub fn start(settings: Settings, parts: Parts, shutdown: &Shutdown) -> Result<Running, Error> {
        settings.rates.rules.iter().try_for_each(rates::Rule::check).map_err(Error::Rates)?;
        let routes = RouteFile::open(settings.routes.clone(), settings.routes_history.clone())?;
        let listeners = listen(settings.listen, settings.worker_count())?;
        let address = local_address(&listeners, settings.listen)?;
        let probes = Probes(parts.health.clone());
        let callers = Callers::new(parts.authenticate, &settings.callers);
        let shared = Arc::new(Shared {
            limits: Arc::new(settings.limits.clone()),
            ticks: Ticks::of(&settings.timeouts),
            table: ArcSwap::from_pointee(table(&routes, &parts.discovery, settings.limits.body_bytes_max)),
            callers: callers.clone(),
            cache: ResponseCache::new(settings.cache_bytes_max),
            rates: rates(&settings, parts.shared),
            ambient: parts.ambient,
            probes: probes.clone(),
            own_metrics: ServiceHandles::of("gateway"),
            connections: metrics::CONNECTIONS.with(&[]),
            in_flight: metrics::IN_FLIGHT.with(&[]),
            settings,
        });
        let weak = Arc::downgrade(&shared);
        let calls = Admin { shared: weak.clone(), key: parts.admin_key };
        let admin = shared.settings.admin.map(|at| probes::serve(at, probes, calls, shutdown)).transpose()?;
        parts.health.register("gateway.routes", move || {
            let empty = weak.upgrade().is_none_or(|shared| shared.table.load().is_empty());
            if empty { Err("no service has joined yet".to_owned()) } else { Ok(()) }
        });
        follow(parts.discovery, routes, Arc::clone(&shared), shutdown);
        for (number, listener) in listeners.into_iter().enumerate() {
            worker::start(number, listener, Arc::clone(&shared), shutdown)?;
        }
        info!(gateway.address = %address, gateway.workers = shared.settings.worker_count(), "gateway is listening");
        Ok(Running { address, admin, callers })
    }
}

fn rates(settings: &Settings, shared: Option<cache::Shared>) -> Rates {
    Rates::new(&settings.rates.rules, settings.rates.exempt.clone(), settings.rates.buckets_max, shared)
}

/// Keeps the table of routes up to date with the nodes and with the route file.
fn follow(discovery: Discovery, routes: RouteFile, shared: Arc<Shared>, shutdown: &Shutdown) {
    const ROUTES: TaskKind = TaskKind::new("gateway-routes", OnError::Stop).aborted();
    let mut updates = discovery.updates();
    // What changed before the subscription is in the next table too.
    updates.mark_changed();
    shutdown.spawn(ROUTES, async move {
        loop {
            let changed = tokio::select! {
                changed = updates.changed() => match changed {
                    Ok(()) => true,
                    Err(_) => return,
                },
                () = tokio::time::sleep(route_file::LOOK) => routes.look(),
            };
            if changed {
                shared.table.store(Arc::new(table(&routes, &discovery, shared.limits.body_bytes_max)));
            }
        }
    });
}

fn table(routes: &RouteFile, discovery: &Discovery, body_bytes_max: u64) -> Table {
    let (services, upstreams) = (discovery.view(), routes.upstreams().view());
    Table::of(&Sources { file: &routes.file(), services: &services, upstreams: &upstreams, body_bytes_max })
}

/// Opens a listener for each worker on the same port; the kernel spreads the connections over them.
fn listen(address: SocketAddr, workers: usize) -> Result<Vec<std::net::TcpListener>, Error> {
    let error = |source| Error::Listen { address, source };
    // Without sharing first: another process that shares its port too would else take half of our connections.
    let first = bind(address, false).map_err(error)?;
    if workers == 1 {
        first.listen(BACKLOG).map_err(error)?;
        return Ok(vec![first.into()]);
    }
    let taken = first.local_addr().map_err(error)?.as_socket().unwrap_or(address);
    drop(first);
    let shared = || {
        let socket = bind(taken, true)?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    (0..workers).map(|_| shared().map_err(error)).collect()
}

fn bind(address: SocketAddr, share: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(share)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn local_address(listeners: &[std::net::TcpListener], wanted: SocketAddr) -> Result<SocketAddr, Error> {
    let address = listeners.first().map_or(Ok(wanted), std::net::TcpListener::local_addr);
    address.map_err(|source| Error::Listen { address: wanted, source })
}

#[cfg(test)]
mod tests;
