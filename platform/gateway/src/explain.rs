//! Why a request would go where it goes: the route and those passed over, the nodes with their loads and breakers, the
//! budget, and what limits say.
//!
//! Reads only: no node is claimed, no request is counted. Start reading at [`explain`].

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, Method, Uri};
use mesh::discovery::{Endpoint, Service};
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    phases,
    rates::{Asking, Seen},
    routes::{Asked, Entry, Table, Target, file::Protocol},
    worker::Shared,
};

/// Most routes that are told of besides the one taken.
const PASSED_OVER_MAX: usize = 200;

/// A request that nobody sent.
pub(crate) struct Imagined {
    pub(crate) method: Method,
    pub(crate) host: String,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) address: IpAddr,
    pub(crate) person: Option<Uuid>,
    pub(crate) tenant: Option<Uuid>,
}

/// The whole explanation.
#[derive(Serialize)]
pub(crate) struct Explanation {
    /// `null` when no route fits.
    route: Option<Taken>,
    passed_over: Vec<PassedOver>,
    backends: Vec<Backend>,
    limits: Vec<LimitState>,
}

/// The route taken, and what it does besides leading to its backends.
#[derive(Serialize)]
struct Taken {
    name: String,
    #[serde(rename = "match")]
    matching: String,
    redirect: Option<u16>,
    cors: bool,
    cached: bool,
    compressed: bool,
    response_timeout_ms: u64,
}

#[derive(Serialize)]
struct PassedOver {
    route: String,
    #[serde(rename = "match")]
    matching: String,
    because: String,
}

#[derive(Serialize)]
struct Backend {
    name: String,
    outside: bool,
    /// What it speaks.
    protocol: Protocol,
    /// Its part of the route's requests, in percent.
    percent: f64,
    /// Nodes whose breaker is not closed.
    ejected: u32,
    /// Whether so many are that breakers are not heeded.
    panic: bool,
    /// Repetitions that the budget has left.
    repetitions_left: u64,
    /// After how long a second node is asked, too; `null` when none is.
    hedge_after_ms: Option<f64>,
    nodes: Vec<NodeState>,
}

#[derive(Serialize)]
struct NodeState {
    id: String,
    address: String,
    ewma_ms: f64,
    in_flight: u32,
    /// Its part of traffic beside the heaviest, slow start included.
    share: f64,
    /// The expected wait; of two nodes drawn the cheaper is taken.
    cost_ms: f64,
    breaker: String,
}

#[derive(Serialize)]
struct LimitState {
    name: String,
    requests: u64,
    seconds: u64,
    remaining: u64,
    full_in_ms: u64,
    /// Whether all gateways count it together; what is told is this one's own count, which then serves only while the
    /// shared engine is away.
    shared: bool,
}

/// Explains `request` as if it came now.
pub(crate) fn explain(shared: &Shared, request: &Imagined) -> Explanation {
    let table = shared.table.load();
    let (path, query) = (request.uri.path(), request.uri.query());
    let asked = Asked { host: &request.host, method: &request.method, path, query, headers: &request.headers };
    let entry = table.find(&asked);
    Explanation {
        route: entry.map(|entry| taken(shared, entry)),
        passed_over: passed_over(&table, entry, &asked),
        backends: entry.map_or_else(Vec::new, |entry| backends(entry, request)),
        limits: limits(shared, entry, request),
    }
}

fn taken(shared: &Shared, entry: &Entry) -> Taken {
    let route = &entry.way.route;
    let settings = &shared.settings;
    // What comes by HTTP/2 passes as it comes.
    let touched = entry.way.weighed().any(|(_, target)| target.protocol == Protocol::Http1);
    Taken {
        name: route.name.clone(),
        matching: entry.describe(),
        redirect: route.redirect.as_ref().map(crate::routes::rewrite::Redirect::status),
        cors: route.cors.is_some(),
        cached: touched && shared.cache.is_on() && route.cache.unwrap_or(true),
        compressed: touched && route.compression.unwrap_or(settings.compression),
        response_timeout_ms: route.response_timeout_ms.unwrap_or(settings.timeouts.response_ms),
    }
}

fn passed_over(table: &Table, taken: Option<&Arc<Entry>>, asked: &Asked<'_>) -> Vec<PassedOver> {
    let others = table.listed().iter().filter(|entry| taken.is_none_or(|taken| !Arc::ptr_eq(taken, entry)));
    let because = |entry: &Entry| match (entry.misfit(asked), taken) {
        (Some(misfit), _) => misfit,
        (None, Some(taken)) => format!("it fits, but `{}` goes before it", taken.way.route.name),
        (None, None) => "it fits".to_owned(),
    };
    others
        .take(PASSED_OVER_MAX)
        .map(|entry| PassedOver {
            route: entry.way.route.name.clone(),
            matching: entry.describe(),
            because: because(entry),
        })
        .collect()
}

fn backends(entry: &Entry, request: &Imagined) -> Vec<Backend> {
    let targets: Vec<_> = entry.way.weighed().collect();
    let sum: u64 = targets.iter().map(|(weight, _)| weight).sum();
    let backend = |(weight, target): (u64, &Arc<Target>)| {
        let hedged = phases::is_hedged(&request.method, &request.headers, &entry.way.route, target);
        backend(target, weight as f64 * 100.0 / sum.max(1) as f64, hedged)
    };
    targets.into_iter().map(backend).collect()
}

fn backend(target: &Target, percent: f64, hedged: bool) -> Backend {
    let service: &Service = &target.service;
    let now = Instant::now();
    let upstream = service.upstream();
    Backend {
        name: service.name.to_string(),
        outside: target.outside,
        protocol: target.protocol,
        percent,
        ejected: upstream.map_or(0, |upstream| upstream.ejected()),
        panic: upstream.is_some_and(|upstream| upstream.panics()),
        repetitions_left: upstream.map_or(0, |upstream| upstream.budget().left(now)),
        hedge_after_ms: upstream
            .filter(|_| hedged)
            .and_then(|upstream| upstream.hedge_delay())
            .map(|delay| delay.as_secs_f64() * 1_000.0),
        nodes: service.endpoints.iter().map(|endpoint| node(endpoint, now)).collect(),
    }
}

fn node(endpoint: &Endpoint, now: Instant) -> NodeState {
    let load = endpoint.load().snapshot(now);
    NodeState {
        id: endpoint.node.id.to_string(),
        address: endpoint.node.address.to_string(),
        ewma_ms: load.ewma.as_secs_f64() * 1_000.0,
        in_flight: load.in_flight,
        share: load.share,
        cost_ms: load.cost / 1_000_000.0,
        breaker: format!("{:?}", load.standing),
    }
}

fn limits(shared: &Shared, entry: Option<&Arc<Entry>>, request: &Imagined) -> Vec<LimitState> {
    let Imagined { address, person, tenant, method, uri, .. } = request;
    let asking = Asking { address: *address, person: *person, tenant: *tenant, method, path: uri.path() };
    let own = entry.map_or(&[][..], |entry| &entry.way.limits);
    let exempt = entry.is_some_and(|entry| entry.way.route.limits_exempt);
    let state = |seen: Seen| LimitState {
        name: seen.limit.rule.name.clone(),
        requests: seen.limit.rule.requests,
        seconds: seen.limit.rule.seconds,
        remaining: seen.verdict.remaining,
        full_in_ms: seen.verdict.reset_us / 1_000,
        shared: shared.rates.is_shared(),
    };
    shared.rates.look(&asking, own, exempt).into_iter().map(state).collect()
}
