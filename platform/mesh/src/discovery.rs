//! The live view of healthy nodes, pushed from the registry and read without a lock.
//!
//! Owns what this process believes about the nodes. Never asks on the request path, and keeps the last view while the
//! registry is away. Start reading at [`Discovery::view`]; [`follow`](Discovery::follow) is what keeps it up to date.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Weak},
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use runtime::{OnError, Shutdown, TaskKind};
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::Instant};
use tracing::{info, warn};

use crate::{
    Error, Node, NodeId, NodeKey, Route,
    balance::{self, Balancer, Traits},
    metrics,
    registry::{Authority, Changes, Member, Version, standing::Admission},
    tls::{Dialer, Secure},
    upstream::{self, Upstream},
};

mod endpoint;

pub use self::endpoint::Endpoint;
use self::endpoint::Placed;

/// How long nodes that a restarted registry does not know are kept, so that they can register again.
const GRACE: Duration = Duration::from_secs(15);
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(2);

/// The view of one process, and its updates. Cloning is cheap.
#[derive(Clone)]
pub struct Discovery(Arc<Inner>);

struct Inner {
    view: ArcSwap<View>,
    known: Mutex<Known>,
    updates: watch::Sender<u64>,
    away: Mutex<Option<Instant>>,
}

/// Everything known at one moment.
#[derive(Debug, Default)]
pub struct View {
    services: BTreeMap<Arc<str>, Arc<Service>>,
}

/// A service and its healthy nodes.
#[derive(Debug)]
pub struct Service {
    /// Its name.
    pub name: Arc<str>,
    /// Its nodes, in the order of their ids; never empty in a view.
    pub endpoints: Vec<Arc<Endpoint>>,
    /// The routes of all its nodes, each prefix once.
    pub routes: Vec<Route>,
    /// What its nodes share, and its nodes prepared for choices.
    pub balancer: Balancer<Endpoint>,
}

/// How the nodes of every service are chosen and spared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// How a node is chosen. Since v0.1.
    pub balance: balance::Settings,
    /// What holds for the calls to each service. Since v0.1.
    pub upstream: upstream::Settings,
}

/// What the view is made from.
#[derive(Default)]
struct Known {
    version: Option<Version>,
    endpoints: BTreeMap<NodeKey, Placed>,
    /// Nodes that a restarted registry has not mentioned yet, and when to drop them.
    doubtful: BTreeMap<NodeKey, Instant>,
    /// What the nodes of a service share, as long as it has any.
    upstreams: BTreeMap<String, Weak<Upstream>>,
    tuning: Tuning,
    secure: Option<Arc<dyn Secure>>,
}

impl View {
    /// Returns a service that has at least one healthy node.
    pub fn service(&self, name: &str) -> Option<&Arc<Service>> {
        self.services.get(name)
    }

    /// Returns every service that has at least one healthy node.
    pub fn services(&self) -> impl Iterator<Item = &Arc<Service>> {
        self.services.values()
    }
}

impl Discovery {
    /// Returns a view of nodes that never change; for tests, and for a gateway in front of fixed upstreams.
    pub fn fixed(nodes: impl IntoIterator<Item = Node>) -> Self {
        let discovery = Self::empty();
        discovery.set(nodes);
        discovery
    }

    /// The same, with connections to nodes that want it secured by `secure`.
    pub fn fixed_over(nodes: impl IntoIterator<Item = Node>, secure: Arc<dyn Secure>) -> Self {
        let discovery = Self::empty();
        discovery.0.known.lock().secure = Some(secure);
        discovery.set(nodes);
        discovery
    }

    /// Starts to follow `authority` until the node stops.
    pub fn follow(authority: Arc<dyn Authority>, shutdown: &Shutdown) -> Self {
        Self::follow_as(authority, None, shutdown)
    }

    /// The same, connecting by `dialer` to nodes that want to know who calls.
    pub fn follow_as(authority: Arc<dyn Authority>, dialer: Option<Arc<Dialer>>, shutdown: &Shutdown) -> Self {
        const FOLLOW: TaskKind = TaskKind::new("discovery", OnError::Stop).aborted();
        let discovery = Self::empty();
        discovery.0.known.lock().secure = dialer.map(|dialer| dialer as _);
        let follower = discovery.clone();
        shutdown.spawn(FOLLOW, async move { follower.run(&*authority).await });
        discovery
    }

    /// Sets how nodes are chosen and spared, for the nodes that come from now on.
    #[must_use]
    pub fn tuned(self, tuning: Tuning) -> Self {
        self.0.known.lock().tuning = tuning;
        self
    }

    /// Returns the view of this moment. Cheap enough for every request; do not hold it over an await.
    pub fn view(&self) -> Guard<Arc<View>> {
        self.0.view.load()
    }

    /// Returns a channel that changes with the view.
    pub fn updates(&self) -> watch::Receiver<u64> {
        self.0.updates.subscribe()
    }

    /// Returns how long the registry has been away, in which case the view is what was last known of it.
    pub fn away(&self) -> Option<Duration> {
        self.0.away.lock().map(|since| since.elapsed())
    }

    /// Waits until `service` has a healthy node.
    pub async fn wait_for(&self, service: &str) {
        let mut updates = self.updates();
        // The sender lives as long as `self`, so the wait can only end well.
        let _ = updates.wait_for(|_| self.view().service(service).is_some()).await;
    }

    /// Replaces what is known by `nodes`.
    pub fn set(&self, nodes: impl IntoIterator<Item = Node>) {
        let nodes: Vec<_> = nodes.into_iter().map(|node| Arc::new(Member::from(node))).collect();
        let keys: BTreeSet<_> = nodes.iter().map(|member| member.node.key()).collect();
        let (mut known, mut touched) = (self.0.known.lock(), BTreeSet::new());
        let gone: Vec<_> = known.endpoints.keys().filter(|key| !keys.contains(key)).cloned().collect();
        for key in &gone {
            known.remove(key, &mut touched);
        }
        for node in nodes {
            known.add(node, &mut touched);
        }
        self.publish(&known, &touched);
    }

    fn empty() -> Self {
        Self(Arc::new(Inner {
            view: ArcSwap::default(),
            known: Mutex::default(),
            updates: watch::Sender::new(0),
            away: Mutex::default(),
        }))
    }

    async fn run(&self, authority: &dyn Authority) {
        let connected = metrics::CONNECTED.with(&[]);
        let mut retry = RETRY_MIN;
        loop {
            let seen = self.0.known.lock().version;
            let answer = tokio::select! {
                answer = authority.watch(seen) => answer,
                () = self.doubts_end() => {
                    self.forget_doubtful();
                    continue;
                }
            };
            match answer {
                Ok(changes) => {
                    connected.set(1);
                    *self.0.away.lock() = None;
                    retry = RETRY_MIN;
                    self.apply(changes);
                }
                Err(error) => {
                    if connected.value() != 0 || seen.is_none() && retry == RETRY_MIN {
                        warn!(error = %runtime::chain(&error), "registry is away, the last view is kept");
                    }
                    connected.set(0);
                    self.0.away.lock().get_or_insert_with(Instant::now);
                    tokio::time::sleep(retry).await;
                    retry = (retry * 2).min(RETRY_MAX);
                }
            }
        }
    }

    fn apply(&self, changes: Changes) {
        let mut known = self.0.known.lock();
        let restarted = known.version.is_some_and(|version| version.incarnation != changes.version.incarnation);
        if changes.nodes.is_empty() && changes.gone.is_empty() && !changes.complete {
            known.version = Some(changes.version);
            return;
        }
        let mut touched = BTreeSet::new();
        if changes.complete {
            known.doubt_all_but(&changes, restarted, &mut touched);
        }
        known.version = Some(changes.version);
        for key in &changes.gone {
            known.remove(key, &mut touched);
        }
        for member in changes.nodes {
            known.add(member, &mut touched);
        }
        self.publish(&known, &touched);
    }

    async fn doubts_end(&self) {
        let first = self.0.known.lock().doubtful.values().min().copied();
        match first {
            Some(first) => tokio::time::sleep_until(first).await,
            None => std::future::pending().await,
        }
    }

    fn forget_doubtful(&self) {
        let now = Instant::now();
        let mut known = self.0.known.lock();
        let over = known.doubtful.iter().filter(|(_, until)| **until <= now);
        let over: Vec<_> = over.map(|(key, _)| key.clone()).collect();
        let mut touched = BTreeSet::new();
        for key in &over {
            known.remove(key, &mut touched);
        }
        self.publish(&known, &touched);
    }

    /// Renews those services of the view in which something changed, and leaves the others as they are.
    fn publish(&self, known: &Known, touched: &BTreeSet<String>) {
        let mut services = self.0.view.load().services.clone();
        for name in touched {
            let first = NodeKey { service: name.clone(), id: NodeId::from_u128(0) };
            let nodes = known.endpoints.range(first..).take_while(|(key, _)| key.service == *name);
            let placed: Vec<_> = nodes.map(|(_, placed)| placed).collect();
            let admitted = admitted(&placed);
            if admitted.is_empty() {
                services.remove(name.as_str());
            } else {
                let service = Service::of(name, &admitted, &known.tuning.balance);
                services.insert(Arc::clone(&service.name), service);
            }
        }
        self.0.view.store(Arc::new(View { services }));
        self.0.updates.send_modify(|count| *count += 1);
    }
}

impl Known {
    fn add(&mut self, member: Arc<Member>, touched: &mut BTreeSet<String>) {
        let key = member.node.key();
        self.doubtful.remove(&key);
        let known = self.endpoints.get(&key);
        if known.is_some_and(|placed| placed.member == member) {
            return;
        }
        touched.insert(key.service.clone());
        // Another standing makes no other node: what is known of its load and its breaker goes on.
        let same = known.filter(|placed| placed.member.node == member.node).map(|placed| Arc::clone(&placed.endpoint));
        let endpoint = same.unwrap_or_else(|| {
            Endpoint::of(Arc::clone(&member.node), self.upstream(&key.service), self.secure.clone())
        });
        self.endpoints.insert(key, Placed { endpoint, member });
    }

    fn upstream(&mut self, service: &str) -> Arc<Upstream> {
        if let Some(upstream) = self.upstreams.get(service).and_then(Weak::upgrade) {
            return upstream;
        }
        self.upstreams.retain(|_, upstream| upstream.strong_count() > 0);
        let upstream = Upstream::new(service, self.tuning.upstream.clone());
        self.upstreams.insert(service.to_owned(), Arc::downgrade(&upstream));
        upstream
    }

    fn remove(&mut self, key: &NodeKey, touched: &mut BTreeSet<String>) {
        if self.endpoints.remove(key).is_some() {
            touched.insert(key.service.clone());
        }
        self.doubtful.remove(key);
    }

    /// Drops the nodes that a complete answer does not name; after a restart of the registry, only in a while.
    fn doubt_all_but(&mut self, changes: &Changes, restarted: bool, touched: &mut BTreeSet<String>) {
        let named: BTreeSet<_> = changes.nodes.iter().map(|member| member.node.key()).collect();
        let missing: Vec<_> = self.endpoints.keys().filter(|key| !named.contains(key)).cloned().collect();
        if restarted && !missing.is_empty() {
            info!(nodes.missing = missing.len(), "registry restarted, nodes it does not know yet are kept a while");
        }
        let until = Instant::now() + GRACE;
        for key in missing {
            if restarted {
                self.doubtful.insert(key, until);
            } else if !self.doubtful.contains_key(&key) {
                self.remove(&key, touched);
            }
        }
    }
}

impl Service {
    /// Returns what its nodes share; a service in a view has nodes, and so has this.
    pub fn upstream(&self) -> Option<&Arc<Upstream>> {
        self.endpoints.first().map(|endpoint| endpoint.load().upstream())
    }

    fn of(name: &str, placed: &[&Placed], settings: &balance::Settings) -> Arc<Self> {
        let endpoints: Vec<_> = placed.iter().map(|placed| Arc::clone(&placed.endpoint)).collect();
        let mut routes: BTreeMap<&str, &Route> = BTreeMap::new();
        for endpoint in &endpoints {
            routes.extend(endpoint.node.routes.iter().map(|route| (route.prefix.as_str(), route)));
        }
        let routes = routes.into_values().cloned().collect();
        let traits: HashMap<u64, Traits<'_>> =
            placed.iter().map(|placed| (placed.endpoint.serial(), placed.traits())).collect();
        let unknown = Traits { id: 0, zone: None, weight: 1 };
        let of = |endpoint: &Endpoint| traits.get(&endpoint.serial()).copied().unwrap_or(unknown);
        let balancer = Balancer::new(endpoints.clone(), settings, of);
        Arc::new(Self { name: name.into(), endpoints, routes, balancer })
    }
}

/// Returns those of a service's nodes that get requests: those that stand well, or when there is none those that are ill.
/// Whom the operator took out never does.
fn admitted<'a>(placed: &[&'a Placed]) -> Vec<&'a Placed> {
    let admission = |placed: &Placed| placed.member.standing.admission();
    let best = placed.iter().map(|placed| admission(placed)).min();
    let best = best.filter(|best| *best != Admission::Never);
    placed.iter().filter(|placed| Some(admission(placed)) == best).copied().collect()
}

/// Returns the error for a service without a healthy node.
pub(crate) fn missing(service: &str) -> Error {
    Error::NoNode(service.to_owned())
}

#[cfg(test)]
mod tests;
