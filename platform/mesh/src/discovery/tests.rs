//! The view on paused time: pushed, kept while the registry is away, and mended after its restart.

use futures_util::{FutureExt, future::BoxFuture};

use super::*;
use crate::{
    NodeId,
    registry::{Lease, Order, Registry, Settings, Standing, Verdict, standing::Mode},
    tls::{Certificate, CertificateRequest},
};

fn node(id: u128, service: &str) -> Node {
    let port = 1_000 + u16::try_from(id).unwrap();
    Node::new(NodeId::from_u128(id), service, ([127, 0, 0, 1], port).into()).routes([Route::new("/a")])
}

fn names(discovery: &Discovery) -> Vec<String> {
    discovery.view().services().map(|service| format!("{} {}", service.name, service.endpoints.len())).collect()
}

/// A registry that can be taken away and replaced.
struct Switch(watch::Sender<Option<Arc<Registry>>>);

impl Switch {
    fn current(&self) -> Result<Arc<Registry>, Error> {
        self.0.borrow().clone().ok_or(Error::Timeout)
    }
}

impl Authority for Switch {
    fn register<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, Result<Lease, Error>> {
        async { self.current()?.register(node).await }.boxed()
    }

    fn renew<'a>(&'a self, keys: &'a [NodeKey]) -> BoxFuture<'a, Result<Vec<NodeKey>, Error>> {
        async { self.current()?.renew(keys).await }.boxed()
    }

    fn report<'a>(&'a self, verdict: &'a Verdict) -> BoxFuture<'a, Result<(), Error>> {
        async { self.current()?.report(verdict).await }.boxed()
    }

    fn order<'a>(&'a self, key: &'a NodeKey, order: &'a Order) -> BoxFuture<'a, Result<(), Error>> {
        async { self.current()?.order(key, order).await }.boxed()
    }

    fn certify<'a>(&'a self, request: &'a CertificateRequest) -> BoxFuture<'a, Result<Certificate, Error>> {
        async { self.current()?.certify(request).await }.boxed()
    }

    fn deregister<'a>(&'a self, key: &'a NodeKey) -> BoxFuture<'a, Result<(), Error>> {
        async { self.current()?.deregister(key).await }.boxed()
    }

    fn watch(&self, seen: Option<Version>) -> BoxFuture<'_, Result<Changes, Error>> {
        async move {
            let registry = self.current()?;
            let mut gone = self.0.subscribe();
            tokio::select! {
                changes = registry.watch(seen) => changes,
                _ = gone.changed() => Err(Error::Timeout),
            }
        }
        .boxed()
    }
}

fn registry() -> Arc<Registry> {
    Registry::new(Settings::default())
}

#[tokio::test(start_paused = true)]
async fn a_change_is_pushed_at_once_and_leaves_other_services_alone() {
    let (shutdown, registry) = (Shutdown::new(), registry());
    let discovery = Discovery::follow(registry.clone(), &shutdown);
    registry.register(&node(1, "one")).await.unwrap();
    registry.register(&node(2, "two")).await.unwrap();
    discovery.wait_for("two").await;
    let before = Arc::clone(discovery.view().service("one").unwrap());
    let begun = Instant::now();
    registry.register(&node(3, "two")).await.unwrap();
    let mut updates = discovery.updates();
    updates.wait_for(|_| names(&discovery) == ["one 1", "two 2"]).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert!(Arc::ptr_eq(&before, discovery.view().service("one").unwrap()));
}

#[tokio::test(start_paused = true)]
async fn the_last_view_is_kept_while_the_registry_is_away() {
    let shutdown = Shutdown::new();
    let switch = Arc::new(Switch(watch::Sender::new(Some(registry()))));
    let discovery = Discovery::follow(switch.clone(), &shutdown);
    switch.register(&node(1, "one")).await.unwrap();
    discovery.wait_for("one").await;
    switch.0.send_replace(None);
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(names(&discovery), ["one 1"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_nodes_have_time_to_register_again() {
    let shutdown = Shutdown::new();
    let switch = Arc::new(Switch(watch::Sender::new(Some(registry()))));
    let discovery = Discovery::follow(switch.clone(), &shutdown);
    for id in [1, 2] {
        switch.register(&node(id, "one")).await.unwrap();
    }
    let mut updates = discovery.updates();
    updates.wait_for(|_| names(&discovery) == ["one 2"]).await.unwrap();
    switch.0.send_replace(Some(registry()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    switch.register(&node(1, "one")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(names(&discovery), ["one 2"]);
    tokio::time::sleep(GRACE).await;
    assert_eq!(names(&discovery), ["one 1"]);
}

#[test]
fn a_service_has_the_routes_of_all_its_nodes_once() {
    let more = node(2, "one").routes([Route::new("/a"), Route::new("/b")]);
    let discovery = Discovery::fixed([node(1, "one"), more]);
    let view = discovery.view();
    assert_eq!(view.service("one").unwrap().routes, [Route::new("/a"), Route::new("/b")]);
}

fn ids(discovery: &Discovery, service: &str) -> Vec<NodeId> {
    let view = discovery.view();
    view.service(service)
        .map(|service| service.endpoints.iter().map(|endpoint| endpoint.node.id).collect())
        .unwrap_or_default()
}

fn member(id: u128, standing: Standing) -> Member {
    Member { node: Arc::new(node(id, "shop")), standing }
}

#[test]
fn ill_nodes_serve_only_when_none_is_well_and_those_taken_out_never_do() {
    let order = |mode| Standing { order: Order { mode, ..Order::default() }, ..Standing::default() };
    let (well, ill) = (Standing::default(), Standing { convicted: true, ..Standing::default() });
    let all = [well, ill, order(Mode::Draining), order(Mode::Maintenance)];
    for choice in 0..all.len().pow(3) {
        let chosen = [choice % 4, choice / 4 % 4, choice / 16 % 4];
        let discovery = Discovery::fixed([]);
        let members = chosen.iter().zip(1..).map(|(index, id)| Arc::new(member(id, all[*index].clone())));
        let version = Version { incarnation: 1, number: 1 };
        discovery.apply(Changes { version, complete: true, nodes: members.collect(), gone: Vec::new() });
        let of =
            |kind| (1..).zip(chosen).filter(|(_, index)| *index == kind).map(|(id, _)| NodeId::from_u128(id)).collect();
        let (well, ill): (Vec<_>, Vec<_>) = (of(0), of(1));
        assert_eq!(ids(&discovery, "shop"), if well.is_empty() { ill } else { well }, "{chosen:?}");
    }
}

#[test]
fn another_standing_leaves_what_is_known_of_a_node_and_sets_its_weight() {
    let discovery = Discovery::fixed([node(1, "shop"), node(2, "shop")]);
    let endpoint = |index: usize| Arc::clone(&discovery.view().service("shop").unwrap().endpoints[index]);
    let before = endpoint(0);
    let standing = Standing { order: Order { weight: Some(4), ..Order::default() }, ..Standing::default() };
    let version = Version { incarnation: 1, number: 1 };
    let nodes = vec![Arc::new(member(1, standing))];
    discovery.apply(Changes { version, complete: false, nodes, gone: Vec::new() });
    assert_eq!(endpoint(0).serial(), before.serial());
    let later = Instant::now() + balance::SLOW_START;
    assert_eq!((endpoint(0).load().share_at(later), endpoint(1).load().share_at(later)), (1.0, 0.25));
}
