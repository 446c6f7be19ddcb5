//! Limits that two gateways count together in a real Redis, and alone while it is away.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use base::Ambient;
use cache::Shared;
use crypto::SystemRandom;
use futures_util::{FutureExt, future::BoxFuture};
use gateway::{
    Authenticate, Authenticated, Denied, Gateway, Question, Settings,
    rates::{By, Rule},
};
use http::HeaderValue;
use mesh::{Discovery, Node, NodeId, Route};
use runtime::{Health, OnError, Shutdown, SystemClock, TaskKind};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const ALLOWED: usize = 10;
const SERVER: TaskKind = TaskKind::new("test-server", OnError::Log);

struct Everybody;

impl Authenticate for Everybody {
    fn authenticate<'a>(&'a self, _: Question<'a>) -> BoxFuture<'a, Result<Authenticated, Denied>> {
        let token = HeaderValue::from_static("token");
        let known = Authenticated { token, subject: None, tenant: None, lifetime: Duration::from_mins(1) };
        futures_util::future::ready(Ok(known)).boxed()
    }
}

fn any() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn ambient() -> Ambient {
    Ambient::new(Arc::new(SystemClock), Arc::new(SystemRandom))
}

/// A service that answers each connection's requests with nothing.
async fn service() -> SocketAddr {
    let listener = TcpListener::bind(any()).await.unwrap();
    let address = listener.local_addr().unwrap();
    runtime::spawn(SERVER, async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            runtime::spawn(SERVER, async move {
                let mut piece = [0; 4_096];
                while stream.read(&mut piece).await.is_ok_and(|count| count > 0) {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
                }
            });
        }
    });
    address
}

/// Two gateways that count by a limit of this name in the engine at `url`.
async fn gateways(name: &str, url: &str, shutdown: &Shutdown) -> (Vec<SocketAddr>, Shared) {
    let shared = Shared::follow(url, Duration::from_secs(2), shutdown).unwrap();
    let rule = Rule {
        name: name.to_owned(),
        by: By::Route,
        requests: ALLOWED as u64,
        seconds: 3_600,
        burst: None,
        method: None,
        paths: Vec::new(),
    };
    let node = Node::new(NodeId::from_u128(1), "shop", service().await).routes([Route::new("/")]);
    let mut addresses = Vec::new();
    for _ in 0..2 {
        let mut settings = Settings { listen: any(), workers: Some(1), ..Settings::default() };
        settings.rates.rules = vec![rule.clone()];
        let parts = gateway::Parts {
            discovery: Discovery::fixed([node.clone()]),
            authenticate: Arc::new(Everybody),
            ambient: ambient(),
            health: Health::new(shutdown.clone()),
            admin_key: None,
            shared: Some(shared.clone()),
        };
        addresses.push(Gateway::start(settings, parts, shutdown).unwrap().address);
    }
    (addresses, shared)
}

/// Asks both gateways in turn and returns how many requests each let through.
async fn let_through(addresses: &[SocketAddr]) -> Vec<usize> {
    let client = reqwest::Client::builder().build().unwrap();
    let mut counts = vec![0; addresses.len()];
    for round in 0..ALLOWED * 4 {
        let chosen = round % addresses.len();
        let answer = client.get(format!("http://{}/", addresses[chosen])).send().await.unwrap();
        match answer.status().as_u16() {
            200 => counts[chosen] += 1,
            429 => assert!(answer.headers()["ratelimit"].to_str().unwrap().contains(";r=0;")),
            other => panic!("{other}"),
        }
    }
    counts
}

#[tokio::test]
async fn two_gateways_let_through_together_what_one_may() {
    let Some(url) = testkit::engine::redis() else { return };
    let shutdown = Shutdown::new();
    let name = format!("t{}", u64::from_le_bytes(ambient().bytes()));
    let (addresses, shared) = gateways(&name, &url, &shutdown).await;
    while !shared.is_here() {
        tokio::task::yield_now().await;
    }
    assert_eq!(let_through(&addresses).await.iter().sum::<usize>(), ALLOWED);
    shutdown.begin();
}

#[tokio::test]
async fn without_the_engine_each_gateway_counts_for_itself() {
    let nobody = TcpListener::bind(any()).await.unwrap().local_addr().unwrap();
    let shutdown = Shutdown::new();
    let alone = gateway::metrics::RATES_COUNTED_ALONE.with(&[]);
    let before = alone.value();
    let (addresses, shared) = gateways("away", &format!("redis://{nobody}"), &shutdown).await;
    assert_eq!(let_through(&addresses).await, [ALLOWED, ALLOWED]);
    assert!(!shared.is_here() && alone.value() >= before + ALLOWED as u64 * 4);
    shutdown.begin();
}
