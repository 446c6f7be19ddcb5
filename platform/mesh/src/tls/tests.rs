//! Who is let in and who is not, and certificates that change under load.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicI64, AtomicU32, Ordering},
};

use bytes::Bytes;
use crypto::{Keyring, Secret};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use runtime::{OnError, Shutdown, TaskKind};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    Channel, Discovery, Error, Node, NodeId, channel,
    registry::{Authority, Registry, Settings, client::Remote, server},
};

/// A clock that stands until it is set.
struct Held(AtomicI64);

impl Clock for Held {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// An installation with a registry that issues certificates.
struct House {
    registry: Arc<Registry>,
    trust: Arc<Trust>,
    clock: Arc<Held>,
    shutdown: Shutdown,
}

impl House {
    async fn new(root: &str, lifetime: Duration) -> Self {
        Self::of(&root.repeat(43), lifetime).await
    }

    async fn of(roots: &str, lifetime: Duration) -> Self {
        let clock = Arc::new(Held(AtomicI64::new(1_800_000_000_000_000)));
        let keyring = Keyring::from_secret(&Secret::new(roots)).unwrap();
        let mut authorities = CertificateAuthority::derive(&keyring, PURPOSE).unwrap();
        let trust = Trust::new(&authorities, "uni.test", clock.clone()).unwrap();
        let authority = authorities.remove(0);
        let (registry, shutdown) = (Registry::new(Settings::default()), Shutdown::new());
        let own = Workload::new(REGISTRY, trust.clone());
        let issuing = Issuing::new(authority, "uni.test", clock.clone()).lifetime(lifetime);
        registry.protect(issuing, own.clone());
        own.join(registry.clone(), &shutdown).await.unwrap();
        Self { registry, trust, clock, shutdown }
    }

    async fn workload(&self, service: &str) -> Arc<Workload> {
        let workload = Workload::new(service, self.trust.clone());
        workload.join(self.registry.clone(), &self.shutdown).await.unwrap();
        workload
    }

    /// Serves one byte to each of `callers`, in the name of `service`; returns where.
    async fn serve(&self, service: &str, callers: &[&str]) -> SocketAddr {
        const SERVE: TaskKind = TaskKind::new("serve", OnError::Log).aborted();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let admits = Admits::Only(callers.iter().map(|caller| (*caller).to_owned()).collect());
        let acceptor = Acceptor::new(self.workload(service).await, admits).unwrap();
        let mut listener = Listener::start(listener, acceptor, &self.shutdown).unwrap();
        let address = listener.address();
        self.shutdown.spawn(SERVE, async move {
            while let Some((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"!").await;
                let _ = stream.shutdown().await;
            }
        });
        address
    }

    /// Returns what `caller` reads from who is at `address`, whom it takes for `service`.
    async fn read(&self, caller: &Arc<Workload>, address: SocketAddr, service: &str) -> Result<Vec<u8>, io::Error> {
        let stream = TcpStream::connect(address).await?;
        let mut stream = Dialer::new(Arc::clone(caller)).secure(stream, service).await?;
        let mut read = Vec::new();
        stream.read_to_end(&mut read).await?;
        Ok(read)
    }
}

#[tokio::test]
async fn only_who_may_call_is_answered_and_only_by_whom_it_asked_for() {
    let house = House::new("a", LIFETIME).await;
    let address = house.serve("projects", &["gateway"]).await;
    let (gateway, files) = (house.workload("gateway").await, house.workload("files").await);
    assert_eq!(house.read(&gateway, address, "projects").await.unwrap(), b"!");
    assert!(house.read(&files, address, "projects").await.is_err(), "files may not call projects");
    assert!(house.read(&gateway, address, "identity").await.is_err(), "projects is not identity");
    let nobody = Workload::new("gateway", house.trust.clone());
    assert!(house.read(&nobody, address, "projects").await.is_err(), "a name alone is worth nothing");
}

#[tokio::test]
async fn a_stranger_on_the_port_gets_nothing() {
    let (house, other) = (House::new("a", LIFETIME).await, House::new("b", LIFETIME).await);
    let address = house.serve("projects", &["gateway"]).await;
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut read = Vec::new();
    let _ = plain.read_to_end(&mut read).await;
    assert!(!read.starts_with(b"HTTP") && !read.contains(&b'!'), "{read:?}");
    // Another installation's gateway believes its own authority only, and is believed by nobody here.
    let foreign = other.workload("gateway").await;
    assert!(other.read(&foreign, address, "projects").await.is_err());
    let mixed = Workload::new("gateway", house.trust.clone());
    mixed.join(other.registry.clone(), &house.shutdown).await.unwrap();
    assert!(house.read(&mixed, address, "projects").await.is_err());
}

#[tokio::test]
async fn while_roots_are_exchanged_certificates_of_both_are_believed() {
    let (old, new) = ("a".repeat(43), "b".repeat(43));
    // The house has promoted the new root, the caller's registry has not.
    let house = House::of(&format!("{old} *{new}"), LIFETIME).await;
    let behind = House::of(&format!("*{old} {new}"), LIFETIME).await;
    let address = house.serve("projects", &["gateway"]).await;
    let gateway = Workload::new("gateway", behind.trust.clone());
    gateway.join(behind.registry.clone(), &behind.shutdown).await.unwrap();
    assert!(house.read(&gateway, address, "projects").await.is_ok());
}

#[tokio::test]
async fn a_certificate_of_another_domain_is_refused() {
    let house = House::new("a", LIFETIME).await;
    let address = house.serve("projects", &["gateway"]).await;
    let keyring = Keyring::from_secret(&Secret::new("a".repeat(43))).unwrap();
    let elsewhere = Registry::new(Settings::default());
    let authority = CertificateAuthority::derive(&keyring, PURPOSE).unwrap().remove(0);
    elsewhere.protect(Issuing::new(authority, "elsewhere.test", house.clock.clone()), house.workload(REGISTRY).await);
    let gateway = Workload::new("gateway", house.trust.clone());
    gateway.join(elsewhere, &house.shutdown).await.unwrap();
    assert!(house.read(&gateway, address, "projects").await.is_err());
}

#[tokio::test]
async fn a_certificate_that_is_over_or_not_yet_good_is_refused() {
    let house = House::new("a", LIFETIME).await;
    let address = house.serve("projects", &["gateway"]).await;
    let gateway = house.workload("gateway").await;
    let turn = |by: i64| house.clock.0.fetch_add(by * 1_000_000, Ordering::Relaxed);
    turn(3_590);
    assert!(house.read(&gateway, address, "projects").await.is_ok());
    turn(20);
    assert!(house.read(&gateway, address, "projects").await.is_err());
    turn(-3_610 - 290);
    assert!(house.read(&gateway, address, "projects").await.is_ok());
    turn(-20);
    assert!(house.read(&gateway, address, "projects").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_replaced_at_half_its_life() {
    let house = House::new("a", LIFETIME).await;
    let mut issued = house.workload("gateway").await.issued();
    let begun = tokio::time::Instant::now();
    for number in 2..=5 {
        issued.wait_for(|issued| *issued == number).await.unwrap();
        let halves = (number - 1) as u32;
        assert_eq!(begun.elapsed().as_secs(), (LIFETIME / 2 * halves).as_secs());
    }
}

#[tokio::test]
async fn a_node_gets_its_certificate_through_the_registry_and_strangers_get_none() {
    let house = House::new("a", LIFETIME).await;
    let secret = server::Secret::new("join");
    let own = house.workload(REGISTRY).await;
    let acceptor = Some(Acceptor::new(own, Admits::AnyOrNobody).unwrap());
    let access = server::Access { nodes: Some(secret.clone()), consul: Some(server::Secret::new("token")), acceptor };
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    let address = server::serve(house.registry.clone(), any, access, &house.shutdown).await.unwrap();
    let workload = Workload::new("projects", house.trust.clone());
    let remote = Remote::over(&[address], Some(&secret), Some(&Dialer::new(workload.clone())));
    let node = Node::new(NodeId::from_u128(1), "projects", ([127, 0, 0, 1], 9).into()).secured(true);
    let early = remote.register(&node).await;
    assert!(matches!(early, Err(Error::Refused { status: 403, .. })), "{early:?}");
    workload.join(remote.clone(), &house.shutdown).await.unwrap();
    remote.register(&node).await.unwrap();
    let open = remote.register(&Node { secured: false, ..node.clone() }).await;
    assert!(matches!(open, Err(Error::Refused { status: 403, .. })), "{open:?}");
    // Without protection, or without the secret, there is nothing to be had.
    let plain = Remote::new(&[address], Some(&secret)).register(&node).await;
    assert!(matches!(plain, Err(Error::Refused { status: 403, .. })), "{plain:?}");
    let stranger = Workload::new("projects", house.trust.clone());
    let nothing = Remote::over(&[address], None, Some(&Dialer::new(stranger.clone())));
    let joined = stranger.renew(&*nothing).await;
    assert!(matches!(joined, Err(Error::Refused { status: 401, .. })), "{joined:?}");
    assert_eq!(house.registry.nodes(), [Arc::new(node)]);
}

#[tokio::test]
async fn certificates_change_under_load_and_no_request_is_dropped() {
    const SERVE: TaskKind = TaskKind::new("serve", OnError::Log).aborted();
    let house = House::new("a", Duration::from_millis(40)).await;
    // The clock stands, so that certificates this short are good; they are replaced every 20 ms all the same.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let server = house.workload("projects").await;
    let admits = Admits::Only(["gateway".to_owned()].into());
    let acceptor = Acceptor::new(server.clone(), admits).unwrap();
    let mut listener = Listener::start(listener, acceptor, &house.shutdown).unwrap();
    let node = Node::new(NodeId::from_u128(1), "projects", listener.address()).secured(true);
    let owner = house.shutdown.clone();
    house.shutdown.spawn(SERVE, async move {
        while let Some((stream, _)) = listener.accept().await {
            owner.spawn(SERVE, async move {
                let answers = AtomicU32::new(0);
                let service = service_fn(|_| {
                    // Connections are closed now and then, so that there are always new ones.
                    let last = answers.fetch_add(1, Ordering::Relaxed) > 20;
                    let mut answer = Response::new(Full::new(Bytes::from_static(b"well")));
                    if last {
                        answer.headers_mut().insert("connection", http::HeaderValue::from_static("close"));
                    }
                    async move { Ok::<_, std::convert::Infallible>(answer) }
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    house.registry.register(&node).await.unwrap();
    let gateway = house.workload("gateway").await;
    let dialer = Some(Dialer::new(gateway.clone()));
    let discovery = Discovery::follow_as(house.registry.clone(), dialer, &house.shutdown);
    discovery.wait_for("projects").await;
    let channel = Channel::new(discovery, channel::Settings { retries_max: 0, ..Default::default() });
    let mut sent = 0;
    while sent < 100 || *server.issued().borrow() < 8 || *gateway.issued().borrow() < 8 {
        // No idempotent method: nothing is repeated once it was sent.
        let request = || Request::post("/").body(Bytes::from_static(b"work")).unwrap();
        let calls = (0..8).map(|_| channel.call("projects", request(), Duration::from_secs(5)));
        for answer in futures_util::future::join_all(calls).await {
            let answer = answer.unwrap();
            assert_eq!((answer.status(), &answer.body()[..]), (StatusCode::OK, &b"well"[..]));
            sent += 1;
        }
    }
}
