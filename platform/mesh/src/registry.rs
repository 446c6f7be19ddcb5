//! Which nodes there are: each holds a lease that it renews, and is gone when it no longer does.
//!
//! Owns the catalogue of nodes and its history of changes. Never asks a node anything, and is not on the request path.
//! Start reading at [`Authority`], what every registry can do; [`Registry`] is the embedded one, [`server`] offers it
//! over HTTP, [`client`] is that seen from another process, [`announce`] keeps a node's lease.

use std::{
    collections::{BTreeMap, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use runtime::{OnError, Shutdown, TaskKind};
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::Instant};
use tracing::{info, warn};

use crate::{Error, Node, NodeId, NodeKey, metrics};

pub mod announce;
pub mod client;
pub mod server;

/// Most nodes that a registry holds.
pub const NODES_MAX: usize = 50_000;
/// Most departures that a registry remembers; who missed more is told everything anew.
const GONE_MAX: usize = 4_096;
/// How long a watcher is left waiting when nothing changes.
pub const WATCH_MAX: Duration = Duration::from_secs(25);

/// How the registry treats leases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a node stays in the catalogue without renewing its lease, in milliseconds. Since v0.1.
    pub lease_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lease_ms: 6_000 }
    }
}

/// What every registry can do, be it in this process or another.
pub trait Authority: Send + Sync + 'static {
    /// Enters a node into the catalogue, or replaces its entry, and grants it a lease.
    fn register<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, Result<Lease, Error>>;

    /// Renews leases; returns those that are not in the catalogue and have to be registered again.
    fn renew<'a>(&'a self, keys: &'a [NodeKey]) -> BoxFuture<'a, Result<Vec<NodeKey>, Error>>;

    /// Takes a node out of the catalogue.
    fn deregister<'a>(&'a self, key: &'a NodeKey) -> BoxFuture<'a, Result<(), Error>>;

    /// Waits until the catalogue is no longer what it was at `seen`, or for at most [`WATCH_MAX`]; returns what changed.
    fn watch(&self, seen: Option<Version>) -> BoxFuture<'_, Result<Changes, Error>>;
}

/// The right to stay in the catalogue for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// For how long, in milliseconds from when it was granted.
    pub lease_ms: u64,
}

/// A state of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Which run of the registry; numbers of different runs cannot be compared.
    pub incarnation: u64,
    /// Grows with every change.
    pub number: u64,
}

/// How the catalogue came from one version to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The version it is at now.
    pub version: Version,
    /// Whether `nodes` are all there are, rather than those that came or changed.
    pub complete: bool,
    /// Nodes that are there.
    pub nodes: Vec<Arc<Node>>,
    /// Nodes that are gone.
    pub gone: Vec<NodeKey>,
}

/// The embedded registry: the catalogue in memory, leases by this process's monotonic clock.
pub struct Registry {
    settings: Settings,
    state: Mutex<State>,
    version: watch::Sender<Version>,
}

struct State {
    version: Version,
    entries: BTreeMap<NodeKey, Entry>,
    gone: VecDeque<(u64, NodeKey)>,
    /// Departures up to this version number are forgotten.
    forgotten: u64,
}

struct Entry {
    node: Arc<Node>,
    since: u64,
    expires: Instant,
}

impl Registry {
    /// Returns an empty registry; [`Registry::start`] ends leases that run out.
    pub fn new(settings: Settings) -> Arc<Self> {
        let version = Version { incarnation: RandomState::new().hash_one(0), number: 0 };
        let state = State { version, entries: BTreeMap::new(), gone: VecDeque::new(), forgotten: 0 };
        Arc::new(Self { settings, state: Mutex::new(state), version: watch::Sender::new(version) })
    }

    /// Runs the task that ends leases.
    pub fn start(self: &Arc<Self>, shutdown: &Shutdown) {
        const SWEEP: TaskKind = TaskKind::new("registry-sweep", OnError::Stop).aborted();
        let registry = Arc::clone(self);
        shutdown.spawn(SWEEP, async move { registry.sweep_always().await });
    }

    /// Returns every node there is.
    pub fn nodes(&self) -> Vec<Arc<Node>> {
        self.state.lock().entries.values().map(|entry| Arc::clone(&entry.node)).collect()
    }

    /// Returns what changed since `seen`.
    pub fn changes(&self, seen: Option<Version>) -> Changes {
        self.state.lock().changes(seen)
    }

    fn enter(&self, node: &Node) -> Result<Lease, Error> {
        node.check()?;
        let expires = self.expiry();
        let mut state = self.state.lock();
        let key = node.key();
        if let Some(entry) = state.entries.get_mut(&key).filter(|entry| *entry.node == *node) {
            entry.expires = expires;
            return Ok(self.lease());
        }
        if state.entries.len() >= NODES_MAX {
            return Err(Error::Full);
        }
        // Two processes cannot listen on one address: whoever held it before has died and not been swept yet.
        let same = |other: &Entry| other.node.address == node.address && other.node.id != node.id;
        let dead: Vec<_> = state.entries.iter().filter(|(_, other)| same(other)).map(|(key, _)| key.clone()).collect();
        for key in dead {
            state.remove(&key);
        }
        let since = state.next();
        state.entries.insert(key, Entry { node: Arc::new(node.clone()), since, expires });
        info!(node.service = %node.service, node.id = %node.id, node.address = %node.address, "node joined");
        self.publish(state.version);
        metrics::REGISTERED.with(&[&node.service]).set(state.count(&node.service));
        Ok(self.lease())
    }

    fn keep(&self, keys: &[NodeKey]) -> Vec<NodeKey> {
        let expires = self.expiry();
        let mut state = self.state.lock();
        let mut unknown = Vec::new();
        for key in keys {
            match state.entries.get_mut(key) {
                Some(entry) => entry.expires = expires,
                None => unknown.push(key.clone()),
            }
        }
        unknown
    }

    fn leave(&self, key: &NodeKey) {
        let mut state = self.state.lock();
        if state.remove(key) {
            info!(node.service = %key.service, node.id = %key.id, "node left");
            self.publish(state.version);
            metrics::REGISTERED.with(&[&key.service]).set(state.count(&key.service));
        }
    }

    async fn sweep_always(&self) {
        let period = Duration::from_millis(self.settings.lease_ms / 8).max(Duration::from_millis(10));
        let mut tick = tokio::time::interval(period);
        loop {
            tick.tick().await;
            self.sweep(Instant::now());
        }
    }

    fn sweep(&self, now: Instant) {
        let mut state = self.state.lock();
        let late = state.entries.iter().filter(|(_, entry)| entry.expires <= now);
        let late: Vec<_> = late.map(|(key, _)| key.clone()).collect();
        for key in &late {
            state.remove(key);
            warn!(node.service = %key.service, node.id = %key.id, "node did not renew its lease");
            metrics::EXPIRED.with(&[&key.service]).increment();
            metrics::REGISTERED.with(&[&key.service]).set(state.count(&key.service));
        }
        if !late.is_empty() {
            self.publish(state.version);
        }
    }

    async fn changed(&self, seen: Option<Version>) -> Changes {
        let mut version = self.version.subscribe();
        if let Some(seen) = seen {
            let differs = version.wait_for(|version| *version != seen);
            // Nothing new in time is an answer too.
            let _ = tokio::time::timeout(WATCH_MAX, differs).await;
        }
        self.changes(seen)
    }

    fn publish(&self, version: Version) {
        self.version.send_replace(version);
    }

    fn expiry(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.settings.lease_ms)
    }

    fn lease(&self) -> Lease {
        Lease { lease_ms: self.settings.lease_ms }
    }
}

impl Authority for Registry {
    fn register<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, Result<Lease, Error>> {
        async { self.enter(node) }.boxed()
    }

    fn renew<'a>(&'a self, keys: &'a [NodeKey]) -> BoxFuture<'a, Result<Vec<NodeKey>, Error>> {
        async { Ok(self.keep(keys)) }.boxed()
    }

    fn deregister<'a>(&'a self, key: &'a NodeKey) -> BoxFuture<'a, Result<(), Error>> {
        async {
            self.leave(key);
            Ok(())
        }
        .boxed()
    }

    fn watch(&self, seen: Option<Version>) -> BoxFuture<'_, Result<Changes, Error>> {
        async move { Ok(self.changed(seen).await) }.boxed()
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.version.number += 1;
        self.version.number
    }

    fn remove(&mut self, key: &NodeKey) -> bool {
        if self.entries.remove(key).is_none() {
            return false;
        }
        let number = self.next();
        self.gone.push_back((number, key.clone()));
        if self.gone.len() > GONE_MAX
            && let Some((number, _)) = self.gone.pop_front()
        {
            self.forgotten = number;
        }
        true
    }

    fn count(&self, service: &str) -> i64 {
        let first = NodeKey { service: service.to_owned(), id: NodeId::from_u128(0) };
        self.entries.range(first..).take_while(|(key, _)| key.service == service).count() as i64
    }

    fn changes(&self, seen: Option<Version>) -> Changes {
        let known = seen.filter(|seen| {
            let numbers = self.forgotten..=self.version.number;
            seen.incarnation == self.version.incarnation && numbers.contains(&seen.number)
        });
        let since = known.map_or(0, |seen| seen.number);
        let nodes = self.entries.values().filter(|entry| known.is_none() || entry.since > since);
        let gone = self.gone.iter().filter(|(number, key)| *number > since && !self.entries.contains_key(key));
        Changes {
            version: self.version,
            complete: known.is_none(),
            nodes: nodes.map(|entry| Arc::clone(&entry.node)).collect(),
            gone: if known.is_some() { gone.map(|(_, key)| key.clone()).collect() } else { Vec::new() },
        }
    }
}

#[cfg(test)]
mod tests;
