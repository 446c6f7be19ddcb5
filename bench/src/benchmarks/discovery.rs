//! A registry with 1,000 services of 10 nodes, and how soon every gateway that watches it knows of a change.
//!
//! The registry and the gateways speak HTTP over loopback, as they do in different processes, and share this one.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use futures_util::future::join_all;
use mesh::{
    Discovery, Node, NodeId, Route,
    registry::{Authority, Registry, Settings, client::Remote, server},
};
use runtime::Shutdown;
use tokio::time::{Instant, timeout};

use crate::{
    figures::{figure, ratio},
    histogram::Histogram,
    machine,
};

const SERVICES: u32 = 1_000;
const NODES_EACH: u32 = 10;
const GATEWAYS: usize = 16;
const ROUNDS: u32 = 200;
/// How long a view may take before the benchmark is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Fills the registry, lets the gateways watch it, and changes one node after the other.
pub(super) async fn run(_arguments: Vec<String>) -> Result<()> {
    let shutdown = Shutdown::new();
    // The nodes of a benchmark do not renew: their leases outlast it.
    let registry = Registry::new(Settings { lease_ms: 3_600_000, ..Settings::default() });
    registry.start(&shutdown);
    let before = resident()?;
    for service in 0..SERVICES {
        for number in 0..NODES_EACH {
            registry.register(&node(service, number, 0)).await?;
        }
    }
    let filled = resident()?;
    let address = server::serve(registry.clone(), (Ipv4Addr::LOCALHOST, 0).into(), None, &shutdown).await?;
    let (gateways, whole_views) = watch_all(address, &shutdown).await?;
    let watched = resident()?;
    let updates = change_nodes(&registry, &gateways).await?;
    println!("{}", machine::summary());
    println!("{SERVICES} services of {NODES_EACH} nodes, {GATEWAYS} gateways, {ROUNDS} changes");
    let millis = |duration: Duration| duration.as_secs_f64() * 1e3;
    ratio("discovery.update_p50_ms", millis(updates.quantile(0.5)));
    ratio("discovery.update_p99_ms", millis(updates.quantile(0.99)));
    ratio("discovery.update_max_ms", millis(updates.quantile(1.0)));
    figure("discovery.updates", updates.count());
    ratio("discovery.first_view_ms", millis(whole_views));
    ratio("discovery.registry_mib", filled - before);
    ratio("discovery.gateway_mib", (watched - filled) / GATEWAYS as f64);
    ratio("discovery.process_mib", watched);
    shutdown.drain(Duration::from_secs(5)).await.context("ending the gateways")
}

/// Starts the gateways one after the other; returns them and the longest time to a whole view.
async fn watch_all(address: SocketAddr, shutdown: &Shutdown) -> Result<(Vec<Discovery>, Duration)> {
    let (mut gateways, mut longest) = (Vec::with_capacity(GATEWAYS), Duration::ZERO);
    for _ in 0..GATEWAYS {
        let begun = Instant::now();
        let gateway = Discovery::follow(Remote::new(&[address], None) as Arc<dyn Authority>, shutdown);
        timeout(PATIENCE, gateway.wait_for(&name(SERVICES - 1))).await.context("a gateway sees no whole view")?;
        longest = longest.max(begun.elapsed());
        gateways.push(gateway);
    }
    Ok((gateways, longest))
}

async fn change_nodes(registry: &Registry, gateways: &[Discovery]) -> Result<Histogram> {
    let mut updates = Histogram::default();
    for round in 1..=ROUNDS {
        let changed = node(round * 7 % SERVICES, round % NODES_EACH, round);
        let begun = Instant::now();
        let seen = join_all(gateways.iter().map(|gateway| seen(gateway, &changed, begun)));
        let (registered, seen) = tokio::join!(registry.register(&changed), timeout(PATIENCE, seen));
        registered?;
        seen.context("a gateway misses a change")?.into_iter().for_each(|duration| updates.add(duration));
    }
    Ok(updates)
}

/// Returns how long after `begun` the gateway knows `node` as it is.
async fn seen(gateway: &Discovery, node: &Node, begun: Instant) -> Duration {
    let knows = || {
        let view = gateway.view();
        let endpoints = view.service(&node.service).map(|service| service.endpoints.as_slice());
        endpoints.unwrap_or_default().iter().any(|endpoint| *endpoint.node == *node)
    };
    let mut updates = gateway.updates();
    while !knows() && updates.changed().await.is_ok() {}
    begun.elapsed()
}

fn node(service: u32, number: u32, round: u32) -> Node {
    let place = service * NODES_EACH + number;
    let [_, _, high, low] = place.to_be_bytes();
    let address = (Ipv4Addr::new(127, 1, high, low), 8_080).into();
    let mut node = Node::new(NodeId::from_u128(u128::from(place) + 1), name(service), address);
    node.metadata.insert("round".to_owned(), round.to_string());
    node.routes([Route::new(format!("/{}", name(service)))])
}

fn name(service: u32) -> String {
    format!("service-{service:04}")
}

fn resident() -> Result<f64> {
    Ok(machine::resident_mib(std::process::id()).context("/proc does not tell the memory of this process")?.0)
}
