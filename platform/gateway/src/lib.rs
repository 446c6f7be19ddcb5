//! The one door: every request from outside comes in here and is led to the service it belongs to.
//!
//! Owns the public listeners and the way of a request. Never reads what a service's request means, and never waits for
//! a lookup of a node. Start reading at [`Gateway::start`], then `phases`: its files are a request's life in order.
//!
//! * `listeners` where it listens; `acme` a certificate for them; `tls` and `wire` what comes before HTTP; `worker` a thread with its connections
//! * `downstream` the way from a client and back, `http2` the same over HTTP/2; `activity` the timeouts
//! * `framing` where messages end; `upstream` the way to a node and back, `outside` TLS to places that are not ours; `body`
//!   what is on its way
//! * `tunnel` what has left HTTP; `grpc` what is known of it
//! * `phases` identify, normalise, limit, route, authenticate, quota, cache, rewrite, proxy, respond
//! * `routes`, `route_file` and `trace` the way; `callers` who asks; `rates` how much may come from whom
//! * `response_cache` answers kept for everybody; `compression` answers in fewer bytes
//! * `refusal` and `problem` what is refused, and how that is said
//! * `access_log`, `metrics`, `probes`, `admin`, `explain` what can be seen from outside

#![warn(missing_docs)]

use std::{net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use base::Ambient;
use mesh::Discovery;
use runtime::{Health, OnError, Shutdown, TaskKind};
use tracing::info;

mod access_log;
pub mod acme;
mod activity;
pub mod admin;
mod body;
pub mod callers;
mod compression;
mod date;
mod downstream;
mod explain;
mod framing;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod grpc;
mod http2;
pub mod listeners;
pub mod metrics;
pub mod outside;
mod phases;
mod probes;
mod problem;
pub mod rates;
pub mod refusal;
mod response_cache;
pub mod route_file;
mod routes;
pub mod settings;
mod stamp;
pub mod tls;
mod trace;
mod tunnel;
mod upstream;
mod wire;
mod worker;

use self::{
    acme::Acme,
    activity::Ticks,
    admin::Admin,
    listeners::Listeners,
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
    /// The names and addresses of all its listeners at the start.
    pub listeners: Vec<(String, SocketAddr)>,
    /// Where it answers probes.
    pub admin: Option<SocketAddr>,
    /// The callers it remembers, so that it can be told to forget.
    pub callers: Callers,
}

/// Why the gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The listeners of the settings cannot be opened.
    #[error("the gateway cannot listen")]
    Listeners(#[from] listeners::Error),
    /// The certificate of the settings cannot be obtained.
    #[error("a certificate cannot be obtained")]
    Acme(#[from] acme::Error),
    /// The route file cannot be used.
    #[error("the routes cannot be used")]
    Routes(#[from] route_file::Error),
    /// A limit cannot be held to.
    #[error("the limits cannot be used: {0}")]
    Rates(String),
    /// A worker could not be started.
    #[error("could not start a worker of the gateway")]
    Thread(#[source] std::io::Error),
}

impl Gateway {
    /// Starts the gateway; it stops with `shutdown`, after the requests under way. Call it within a runtime.
    pub fn start(mut settings: Settings, parts: Parts, shutdown: &Shutdown) -> Result<Running, Error> {
        settings.rates.rules.iter().try_for_each(rates::Rule::check).map_err(Error::Rates)?;
        let routes = RouteFile::open(settings.routes.clone(), settings.routes_history.clone())?;
        let acme = settings.acme.clone().map(|set| Acme::open(set, parts.ambient.clone())).transpose()?;
        settings.certificates.extend(acme.as_ref().map(Acme::pair));
        let workers = settings.worker_count();
        let listeners = Listeners::new(workers, settings.tls.clone());
        listeners.apply(&settings.listeners())?;
        routes.listen(|more| listeners.apply(&[settings.listeners(), more.to_vec()].concat()))?;
        let addresses = listeners.addresses();
        let address = addresses.first().map_or(settings.listen, |(_, address)| *address);
        let probes = Probes(parts.health.clone());
        let callers = Callers::new(parts.authenticate, &settings.callers);
        let shared = Arc::new(Shared {
            hsts: phases::hsts(settings.hsts_seconds),
            limits: Arc::new(settings.limits.clone()),
            ticks: Ticks::of(&settings.timeouts),
            table: ArcSwap::from_pointee(table(&routes, &parts.discovery, settings.limits.body_bytes_max, None)),
            callers: callers.clone(),
            cache: ResponseCache::new(settings.cache_bytes_max),
            rates: rates(&settings, parts.shared),
            ambient: parts.ambient,
            probes: probes.clone(),
            challenges: acme.as_ref().map(Acme::challenges).unwrap_or_default(),
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
        for number in 0..workers {
            worker::start(number, listeners.subscribe(), Arc::clone(&shared), shutdown)?;
        }
        if let Some(acme) = acme {
            acme.start(shutdown);
        }
        follow(parts.discovery, routes, listeners, shared, shutdown);
        info!(gateway.address = %address, gateway.workers = workers, "gateway is listening");
        Ok(Running { address, listeners: addresses, admin, callers })
    }
}

fn rates(settings: &Settings, shared: Option<cache::Shared>) -> Rates {
    Rates::new(&settings.rates.rules, settings.rates.exempt.clone(), settings.rates.buckets_max, shared)
}

/// Keeps the table of routes up to date with the nodes and with the route file, and listeners with the file and with
/// the files of their certificates.
fn follow(discovery: Discovery, routes: RouteFile, listeners: Listeners, shared: Arc<Shared>, shutdown: &Shutdown) {
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
                () = tokio::time::sleep(route_file::LOOK) => {
                    listeners.look();
                    routes.look_at_certificates();
                    routes.look(|more| listeners.apply(&[shared.settings.listeners(), more.to_vec()].concat()))
                }
            };
            if changed {
                let before = shared.table.load_full();
                let after = table(&routes, &discovery, shared.limits.body_bytes_max, Some(&before));
                shared.table.store(Arc::new(after));
            }
        }
    });
}

fn table(routes: &RouteFile, discovery: &Discovery, body_bytes_max: u64, before: Option<&Table>) -> Table {
    let (services, upstreams) = (discovery.view(), routes.upstreams().view());
    Table::of(&Sources { file: &routes.file(), services: &services, upstreams: &upstreams, body_bytes_max, before })
}

#[cfg(test)]
mod tests;
