//! What every registry promises, asked of one alone and of two that share a catalogue in NATS.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio::{
    task::yield_now,
    time::{interval, pause, resume, sleep, timeout},
};

use super::{
    checks::{Check, Probe},
    pairs::Change,
    standing::{Admission, Mode},
    *,
};
use crate::{NodeId, node::Tenure};

const LEASE_MS: u64 = 1_200;
const PATIENCE: Duration = Duration::from_secs(20);
const PROGRAM: &str = "/usr/sbin/nats-server";

/// A server of NATS of the test's own.
struct Server {
    port: u16,
    folder: TempDir,
    running: Child,
}

impl Server {
    fn start() -> Option<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (port, folder) = (listener.local_addr().unwrap().port(), tempfile::tempdir().unwrap());
        drop(listener);
        let running = Path::new(PROGRAM).exists().then(|| run(port, folder.path()))?;
        Some(Self { port, folder, running })
    }

    fn kill(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }

    fn again(&mut self) {
        self.running = run(self.port, self.folder.path());
    }

    fn settings(&self) -> nats::Settings {
        let url = format!("nats://127.0.0.1:{}", self.port);
        nats::Settings { url, credentials: None, prefix: "suite".to_owned(), replicas: 1 }
    }
}

fn run(port: u16, folder: &Path) -> Child {
    let mut command = Command::new(PROGRAM);
    command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream", "--store_dir"]);
    command.arg(folder).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Registries of one installation, and the server that they share if they do.
struct House {
    registries: Vec<Arc<Registry>>,
    server: Option<Server>,
    shutdown: Shutdown,
}

impl House {
    fn alone() -> Self {
        let (registry, shutdown) = (Registry::new(settings()), Shutdown::new());
        registry.start(&shutdown);
        Self { registries: vec![registry.clone(), registry], server: None, shutdown }
    }

    async fn shared() -> Option<Self> {
        let mut house = Self { registries: Vec::new(), server: Some(Server::start()?), shutdown: Shutdown::new() };
        for _ in 0..2 {
            house.add().await;
        }
        Some(house)
    }

    /// Adds a registry that shares what there is.
    async fn add(&mut self) {
        let registry = Registry::new(settings());
        let store = self.server.as_ref().unwrap().settings();
        let opened = async {
            // Another process, which may not listen yet, and can only be asked.
            while registry.share(&store, &self.shutdown).await.is_err() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, opened).await.unwrap();
        registry.start(&self.shutdown);
        self.registries.push(registry);
    }

    /// Waits until `seen` is so in every registry.
    async fn all(&self, what: &str, seen: impl Fn(&Registry) -> bool) {
        for (index, registry) in self.registries.iter().enumerate() {
            let mut version = registry.version.subscribe();
            let waits = async {
                while !seen(registry) {
                    version.changed().await.unwrap();
                }
            };
            timeout(PATIENCE, waits).await.unwrap_or_else(|_| panic!("{what}, in registry {index}"));
        }
    }

    /// Waits until every registry knows that the store is away.
    async fn lost(&self) {
        let is_connected = |registry: &Arc<Registry>| registry.store.get().is_some_and(|store| store.is_connected());
        let waits = async {
            while self.registries.iter().any(is_connected) {
                yield_now().await;
            }
        };
        timeout(PATIENCE, waits).await.unwrap();
    }

    /// Renews the leases of `keys` at one registry after the other, for ever, at the pace of a node.
    async fn renewing(&self, keys: &[NodeKey]) {
        let mut pace = interval(Duration::from_millis(LEASE_MS / 4));
        for registry in self.registries.iter().cycle() {
            pace.tick().await;
            // While the store is away a renewal fails, and is tried again.
            let _ = registry.renew(keys).await;
        }
    }
}

fn settings() -> Settings {
    Settings { lease_ms: LEASE_MS, ..Settings::default() }
}

fn node(id: u128) -> Node {
    let port = 1_000 + u16::try_from(id).unwrap();
    Node::new(NodeId::from_u128(id), "shop", ([127, 0, 0, 1], port).into())
}

fn knows(registry: &Registry, id: u128) -> bool {
    registry.nodes().iter().any(|known| known.id == NodeId::from_u128(id))
}

fn standing(registry: &Registry, id: u128) -> Option<Standing> {
    let member = registry.members().into_iter().find(|member| member.node.id == NodeId::from_u128(id))?;
    Some(member.standing.clone())
}

async fn nodes_come_stay_while_they_renew_anywhere_and_go(house: House) {
    let [one, two] = [&house.registries[0], &house.registries[1]];
    for id in 1..=3 {
        one.register(&node(id)).await.unwrap();
        assert!(knows(one, id), "who is told that it joined has joined");
    }
    house.all("all join", |registry| (1..=3).all(|id| knows(registry, id))).await;
    assert!(matches!(
        two.register(&Node { id: NodeId::from_u128(9), ..node(1) }).await,
        Err(Error::AddressTaken { .. })
    ));
    two.deregister(&node(3).key()).await.unwrap();
    assert!(!knows(two, 3), "who is told that it left has left");
    house.all("one leaves", |registry| !knows(registry, 3)).await;
    let kept = [node(1).key()];
    let expires = house.all("a silent one goes", |registry| !knows(registry, 2));
    tokio::select! { () = house.renewing(&kept) => {}, () = expires => {} }
    assert!(house.registries.iter().all(|registry| knows(registry, 1)));
    let unknown = two.renew(&[node(1).key(), node(2).key()]).await.unwrap();
    assert_eq!(unknown, [node(2).key()]);
}

async fn orders_verdicts_and_words_are_heard_everywhere(house: House) {
    let [one, two] = [&house.registries[0], &house.registries[1]];
    let guest = Node { tenure: Tenure::Standing { critical_ms_max: None }, ..node(1) };
    one.register(&guest.clone().checks([Check::new("word", Probe::Ttl)])).await.unwrap();
    house.all("a guest comes", |registry| knows(registry, 1)).await;
    let order = Order { mode: Mode::Draining, reason: "moving".to_owned(), ..Order::default() };
    two.order(&guest.key(), &order).await.unwrap();
    house.all("it drains", |registry| standing(registry, 1).unwrap().order == order).await;
    one.order(&guest.key(), &Order::default()).await.unwrap();
    house.all("it serves", |registry| standing(registry, 1).unwrap().order == Order::default()).await;
    for (registry, reporter) in [(one, 7), (two, 8)] {
        let verdict = Verdict { reporter: NodeId::from_u128(reporter), node: guest.key(), failing: true };
        registry.report(&verdict).await.unwrap();
    }
    house.all("two convict it", |registry| standing(registry, 1).unwrap().admission() == Admission::LastResort).await;
    two.say(&guest.key(), "word", Health::Critical, "no disk").await.unwrap();
    house.all("it says that it is ill", |registry| standing(registry, 1).unwrap().health == Health::Critical).await;
    assert!(matches!(two.say(&guest.key(), "other", Health::Passing, "").await, Err(Error::NoCheck { .. })));
    assert!(matches!(two.order(&node(5).key(), &order).await, Err(Error::NoSuchNode(_))));
    one.deregister(&guest.key()).await.unwrap();
    house.all("it leaves", |registry| !knows(registry, 1)).await;
}

async fn pairs_are_kept_everywhere(house: House) {
    let [one, two] = [&house.registries[0].pairs, &house.registries[1].pairs];
    let put = |value: &str| Change::Put { value: value.into(), flags: 1 };
    let value = |pairs: &Pairs| pairs.get("shop/a b").map(|pair| String::from_utf8(pair.value).unwrap());
    assert!(one.change("shop/a b", put("1"), Some(0)).await.unwrap());
    assert_eq!(value(one).as_deref(), Some("1"), "who is told that it is kept finds it");
    two.wait_past(Some(1), PATIENCE).await;
    assert!(!two.change("shop/a b", put("2"), Some(0)).await.unwrap(), "there is one already");
    let first = two.get("shop/a b").unwrap();
    assert!(two.change("shop/a b", put("2"), Some(first.modify_index)).await.unwrap());
    one.wait_past(Some(first.modify_index), PATIENCE).await;
    assert_eq!((value(one).as_deref(), value(two).as_deref()), (Some("2"), Some("2")));
    let second = one.get("shop/a b").unwrap();
    assert!(second.create_index == first.create_index && second.modify_index > first.modify_index);
    assert!(!one.change("shop/a b", Change::Delete, Some(first.modify_index)).await.unwrap());
    assert!(one.change("shop/a b", Change::Delete, Some(second.modify_index)).await.unwrap());
    two.wait_past(Some(second.modify_index), PATIENCE).await;
    assert_eq!((value(one), value(two)), (None, None));
    assert!(two.change("shop/a b", put("3"), Some(0)).await.unwrap(), "after one that went there may be another");
    assert!(two.change("shop/a b", Change::Delete, None).await.unwrap());
    assert_eq!(value(two), None);
}

macro_rules! every_registry {
    ($($name:ident)*) => {
        mod alone {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(super::House::alone()).await;
                }
            )*
        }

        mod sharing {
            $(
                #[tokio::test]
                async fn $name() {
                    if let Some(house) = super::House::shared().await {
                        super::$name(house).await;
                    }
                }
            )*
        }
    };
}

every_registry! {
    nodes_come_stay_while_they_renew_anywhere_and_go
    orders_verdicts_and_words_are_heard_everywhere
    pairs_are_kept_everywhere
}

#[tokio::test]
async fn a_registry_that_comes_later_knows_everything_and_no_node_goes_while_the_store_is_away() {
    let Some(mut house) = House::shared().await else { return };
    let guest = Node { tenure: Tenure::Standing { critical_ms_max: None }, ..node(2) };
    house.registries[0].register(&node(1)).await.unwrap();
    house.registries[0].register(&guest).await.unwrap();
    house.all("both come", |registry| knows(registry, 1) && knows(registry, 2)).await;
    let order = Order { weight: Some(5), ..Order::default() };
    house.registries[1].order(&guest.key(), &order).await.unwrap();
    house.add().await;
    assert_eq!(standing(&house.registries[2], 2).unwrap().order, order);
    assert!(knows(&house.registries[2], 1));
    house.server.as_mut().unwrap().kill();
    house.lost().await;
    // With nobody outside to wait for, more goes by at once than any lease or self-preservation lasts.
    pause();
    sleep(guard::KEPT_MAX * 2).await;
    assert!(house.registries.iter().all(|registry| knows(registry, 1)));
    assert!(matches!(house.registries[0].register(&node(3)).await, Err(Error::Store(_))));
    resume();
    house.server.as_mut().unwrap().again();
    let joins = async {
        // Another process, which can only be asked.
        while house.registries[0].register(&node(3)).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
        house.all("one joins afterwards", |registry| knows(registry, 3)).await;
    };
    let kept = [node(1).key()];
    tokio::select! { () = house.renewing(&kept) => {}, joined = timeout(PATIENCE, joins) => joined.unwrap() }
    assert!(house.registries.iter().all(|registry| knows(registry, 1)));
}
