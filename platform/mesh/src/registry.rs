//! Which nodes there are: each holds a lease that it renews, and is gone when it no longer does.
//!
//! Owns the catalogue of nodes, how each stands in it, and its history of changes. Is never on the request path.
//! Start reading at [`Authority`], what every registry can do; [`Registry`] is one, alone with a [`snapshot`] or one of
//! several that share a catalogue in [`nats`]. [`server`] offers it over HTTP, [`client`] is that seen from another
//! process, [`announce`] keeps a lease. Traffic is [`standing`]'s: of [`checks`], [`verdicts`], [`damping`], and orders.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use runtime::{OnError, Shutdown, TaskKind};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, MissedTickBehavior},
};

#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use self::consul::fuzzing;
pub use self::{
    authority::{Authority, Changes, Lease, Version, WATCH_MAX},
    events::{Event, EventKind},
    snapshot::Snapshot,
    standing::{Member, Order, Standing},
    verdicts::Verdict,
};
use self::{catalogue::Catalogue, checks::Health, pairs::Pairs};
use crate::{
    Error, Node, NodeKey, metrics,
    tls::{Certificate, CertificateRequest, Dialer, Issuing, Workload},
};

pub mod announce;
mod authority;
mod catalogue;
pub mod checks;
pub mod client;
mod consul;
pub mod damping;
pub mod events;
mod guard;
pub mod nats;
pub mod pairs;
mod prober;
pub mod report;
pub mod server;
pub mod snapshot;
pub mod standing;
pub mod verdicts;

/// Most nodes that a registry holds.
pub const NODES_MAX: usize = 50_000;

/// Longest time between two looks at what time alone changes.
const SWEEP_MS_MAX: u64 = 1_000;

/// How the registry treats leases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a node stays in the catalogue without renewing its lease, in milliseconds. Since v0.1.
    pub lease_ms: u64,
    /// Services that only the installation's own nodes serve, and nobody registers through Consul's API. Since v0.1.
    pub reserved: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lease_ms: 6_000, reserved: Vec::new() }
    }
}

/// The embedded registry: the catalogue in memory, leases by this process's monotonic clock.
pub struct Registry {
    settings: Settings,
    catalogue: Mutex<Catalogue>,
    version: watch::Sender<Version>,
    listeners: broadcast::Sender<Event>,
    protection: OnceLock<Protection>,
    store: OnceLock<Arc<nats::Store>>,
    pairs: Pairs,
}

/// What it takes to let only connections through that show who they are.
struct Protection {
    issuing: Issuing,
    /// Connects in the registry's own name, to ask nodes how they are.
    dialer: Arc<Dialer>,
}

impl Registry {
    /// Returns an empty registry; [`Registry::start`] ends leases that run out.
    pub fn new(settings: Settings) -> Arc<Self> {
        let catalogue = Catalogue::new(Duration::from_millis(settings.lease_ms), RandomState::new().hash_one(0));
        let version = watch::Sender::new(catalogue.version());
        let listeners = broadcast::Sender::new(events::BEHIND_MAX);
        let (catalogue, protection, store) = (Mutex::new(catalogue), OnceLock::new(), OnceLock::new());
        Arc::new(Self { settings, catalogue, version, listeners, protection, store, pairs: Pairs::new() })
    }

    /// Shares its catalogue with every registry that shares these buckets, which it reads whole before it returns. In place
    /// of [`Registry::persist`].
    pub async fn share(self: &Arc<Self>, settings: &nats::Settings, shutdown: &Shutdown) -> Result<(), Error> {
        let store = nats::Store::open(settings, self, shutdown).await?;
        self.pairs.share(Arc::clone(&store));
        // A second call changes nothing.
        let _ = self.store.set(store);
        Ok(())
    }

    /// From now on issues certificates by `issuing`, and takes only nodes that are protected; `workload` is the registry's
    /// own. A second call changes nothing.
    pub fn protect(&self, issuing: Issuing, workload: Arc<Workload>) {
        let _ = self.protection.set(Protection { issuing, dialer: Dialer::new(workload) });
    }

    fn dialer(&self) -> Option<&Arc<Dialer>> {
        self.protection.get().map(|protection| &protection.dialer)
    }

    /// Checks whether a node may serve what it says.
    fn admit(&self, node: &Node) -> Result<(), Error> {
        if !node.tenure.is_lease() && self.settings.reserved.contains(&node.service) {
            return Err(Error::Reserved(node.service.clone()));
        }
        if node.tenure.is_lease() && !node.secured && self.protection.get().is_some() {
            return Err(Error::Unprotected(node.service.clone()));
        }
        Ok(())
    }

    /// Runs the tasks that end leases and that ask nodes how they are.
    pub fn start(self: &Arc<Self>, shutdown: &Shutdown) {
        const SWEEP: TaskKind = TaskKind::new("registry-sweep", OnError::Stop).aborted();
        const PROBE: TaskKind = TaskKind::new("registry-prober", OnError::Stop).aborted();
        let registry = Arc::clone(self);
        shutdown.spawn(SWEEP, async move { registry.sweep_always().await });
        shutdown.spawn(PROBE, prober::run(Arc::clone(self)));
    }

    /// Takes in what `snapshot` remembers, each node with a whole lease unless its address refuses connections, and
    /// writes every change there from now on.
    pub async fn persist(self: &Arc<Self>, snapshot: Snapshot, shutdown: &Shutdown) {
        const KEEP: TaskKind = TaskKind::new("registry-snapshot", OnError::Log).aborted();
        self.pairs.rest_in(snapshot.beside("pairs.json"));
        let (nodes, orders) = snapshot.survivors().await;
        self.change(|catalogue, now| {
            catalogue.restore(nodes, orders, now);
            Vec::new()
        });
        shutdown.spawn(KEEP, snapshot.keep(Arc::clone(self)));
    }

    /// Returns every node there is.
    pub fn nodes(&self) -> Vec<Arc<Node>> {
        self.catalogue.lock().members().map(|member| Arc::clone(&member.node)).collect()
    }

    /// Returns every node there is, and how it stands.
    pub fn members(&self) -> Vec<Arc<Member>> {
        self.catalogue.lock().members().map(Arc::clone).collect()
    }

    fn orders(&self) -> Vec<(NodeKey, Order)> {
        self.catalogue.lock().orders().map(|(key, order)| (key.clone(), order.clone())).collect()
    }

    /// Takes in what a node, or somebody for it, says by a check that waits for such a word.
    pub async fn say(&self, key: &NodeKey, check: &str, health: Health, output: &str) -> Result<(), Error> {
        if !self.catalogue.lock().hears(key, check) {
            return Err(Error::NoCheck { node: key.clone(), check: check.chars().take(64).collect() });
        }
        if let Some(store) = self.store.get() {
            return store.say(key, check, health, output).await;
        }
        self.change(|catalogue, now| catalogue.say(key, (check, health, output), now).unwrap_or_default());
        Ok(())
    }

    /// Returns what changed since `seen`.
    pub fn changes(&self, seen: Option<Version>) -> Changes {
        self.catalogue.lock().changes(seen)
    }

    /// Returns what happens from now on; who is more than [`events::BEHIND_MAX`] behind misses the oldest.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.listeners.subscribe()
    }

    async fn sweep_always(&self) {
        let period = Duration::from_millis((self.settings.lease_ms / 8).clamp(10, SWEEP_MS_MAX));
        let mut tick = tokio::time::interval(period);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            // While the store is away nobody's renewal is heard here. Time stands still then: the sweep after it forgives
            // what it missed.
            if self.store.get().is_some_and(|store| !store.is_connected()) {
                continue;
            }
            self.change(|catalogue, now| catalogue.sweep(now, period));
        }
    }

    /// Changes the catalogue, and tells whoever waits or listens when that made a difference.
    fn change(&self, how: impl FnOnce(&mut Catalogue, Instant) -> Vec<Event>) {
        let mut catalogue = self.catalogue.lock();
        let before = catalogue.version();
        let events = how(&mut catalogue, Instant::now());
        if catalogue.version() != before {
            self.version.send_replace(catalogue.version());
        }
        // Told under the lock, so that the order is that of the changes.
        for event in events {
            if let Some(key) = &event.node {
                metrics::REGISTERED.with(&[&key.service]).set(catalogue.count(&key.service));
            }
            events::tell(&self.listeners, event);
        }
    }

    fn try_change(&self, how: impl FnOnce(&mut Catalogue, Instant) -> Result<Vec<Event>, Error>) -> Result<(), Error> {
        let mut outcome = Ok(());
        self.change(|catalogue, now| {
            how(catalogue, now).unwrap_or_else(|error| {
                outcome = Err(error);
                Vec::new()
            })
        });
        outcome
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

    /// Waits until the index of `service`, or of the whole catalogue, has passed `index`, or for `wait`; returns it.
    async fn wait_past(&self, service: Option<&str>, index: Option<u64>, wait: Duration) -> u64 {
        let current = || self.catalogue.lock().index(service);
        if let Some(index) = index {
            let mut version = self.version.subscribe();
            let differs = async {
                // An index that went back is of another run: its holder has to begin anew.
                while current() == index && version.changed().await.is_ok() {}
            };
            let _ = tokio::time::timeout(wait, differs).await;
        }
        current()
    }

    fn lease(&self) -> Lease {
        Lease { lease_ms: self.settings.lease_ms }
    }
}

impl Authority for Registry {
    fn register<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, Result<Lease, Error>> {
        async {
            self.admit(node)?;
            if let Some(store) = self.store.get() {
                self.catalogue.lock().may_enter(node, Instant::now())?;
                store.enter(node).await?;
            } else {
                self.try_change(|catalogue, now| catalogue.enter(node, now))?;
            }
            Ok(self.lease())
        }
        .boxed()
    }

    fn renew<'a>(&'a self, keys: &'a [NodeKey]) -> BoxFuture<'a, Result<Vec<NodeKey>, Error>> {
        async {
            let mut unknown = Vec::new();
            self.change(|catalogue, now| {
                unknown = catalogue.keep(keys, now);
                Vec::new()
            });
            if let Some(store) = self.store.get() {
                let known = |key| self.catalogue.lock().member(key).map(|member| Arc::clone(&member.node));
                store.keep(&keys.iter().filter_map(known).collect::<Vec<_>>()).await?;
            }
            Ok(unknown)
        }
        .boxed()
    }

    fn deregister<'a>(&'a self, key: &'a NodeKey) -> BoxFuture<'a, Result<(), Error>> {
        async {
            let member = self.catalogue.lock().member(key).map(Arc::clone);
            if let (Some(store), Some(member)) = (self.store.get(), member) {
                return store.leave(&member.node).await;
            }
            self.change(|catalogue, _| catalogue.leave(key).into_iter().collect());
            Ok(())
        }
        .boxed()
    }

    fn report<'a>(&'a self, verdict: &'a Verdict) -> BoxFuture<'a, Result<(), Error>> {
        async {
            if let Some(store) = self.store.get() {
                return store.hear(verdict).await;
            }
            self.change(|catalogue, now| catalogue.hear(verdict, now));
            Ok(())
        }
        .boxed()
    }

    fn order<'a>(&'a self, key: &'a NodeKey, order: &'a Order) -> BoxFuture<'a, Result<(), Error>> {
        async {
            order.check()?;
            if let Some(store) = self.store.get() {
                let known = self.catalogue.lock().member(key).is_some();
                return if known { store.order(key, order).await } else { Err(Error::NoSuchNode(key.clone())) };
            }
            self.try_change(|catalogue, now| {
                catalogue.order(key, order.clone(), now).ok_or_else(|| Error::NoSuchNode(key.clone()))
            })
        }
        .boxed()
    }

    fn certify<'a>(&'a self, request: &'a CertificateRequest) -> BoxFuture<'a, Result<Certificate, Error>> {
        async {
            let protection = self.protection.get().ok_or(Error::NoAuthority)?;
            Ok(protection.issuing.issue(request)?)
        }
        .boxed()
    }

    fn watch(&self, seen: Option<Version>) -> BoxFuture<'_, Result<Changes, Error>> {
        async move { Ok(self.changed(seen).await) }.boxed()
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod suite;
