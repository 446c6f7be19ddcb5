//! Calls over real sockets to small servers.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicUsize, Ordering},
};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use runtime::{OnError, TaskKind};
use tokio::net::TcpListener;

use super::*;
use crate::{Node, NodeId};

const SERVER: TaskKind = TaskKind::new("test-server", OnError::Log);

/// Starts a server that answers with `text`, or never, and counts requests.
async fn server(text: Option<&'static str>) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&count);
    runtime::spawn(SERVER, async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            let service = service_fn(move |_: Request<Incoming>| {
                counter.fetch_add(1, Ordering::SeqCst);
                async move {
                    let Some(text) = text else { return std::future::pending().await };
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(text))))
                }
            });
            runtime::spawn(SERVER, async move {
                http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            });
        }
    });
    (address, count)
}

/// Starts a server that reads a request and closes without an answer.
async fn broken() -> SocketAddr {
    use tokio::io::AsyncReadExt;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    runtime::spawn(SERVER, async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1_024]).await;
        }
    });
    address
}

async fn refused() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap()
}

fn channel(addresses: &[SocketAddr]) -> Channel {
    let node = |(id, address): (usize, &SocketAddr)| Node::new(NodeId::from_u128(id as u128), "shop", *address);
    Channel::new(Discovery::fixed(addresses.iter().enumerate().map(node)), Settings::default())
}

fn request(method: Method) -> Request<Bytes> {
    Request::builder().method(method).uri("/").body(Bytes::new()).unwrap()
}

const DEADLINE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_node_that_refuses_connections_is_passed_over() {
    let (good, _) = server(Some("good")).await;
    let channel = channel(&[refused().await, good]);
    for _ in 0..20 {
        assert_eq!(channel.call("shop", request(Method::POST), DEADLINE).await.unwrap().body(), "good");
    }
}

#[tokio::test]
async fn a_call_is_repeated_at_none_of_the_nodes_that_failed_before() {
    let (good, _) = server(Some("good")).await;
    for _ in 0..20 {
        // None of them is known to be ill yet.
        let channel = channel(&[refused().await, refused().await, good]);
        assert_eq!(channel.call("shop", request(Method::POST), DEADLINE).await.unwrap().body(), "good");
    }
}

#[tokio::test]
async fn only_an_idempotent_request_is_repeated_once_it_was_sent() {
    let (good, _) = server(Some("good")).await;
    let channel = channel(&[broken().await, good]);
    for _ in 0..20 {
        assert_eq!(channel.call("shop", request(Method::GET), DEADLINE).await.unwrap().body(), "good");
    }
    let alone = super::Channel::new(
        Discovery::fixed([Node::new(NodeId::from_u128(1), "shop", broken().await)]),
        Settings::default(),
    );
    let failed = alone.call("shop", request(Method::POST), DEADLINE).await;
    assert!(matches!(failed, Err(Error::Broken { .. })), "{failed:?}");
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let (slow, _) = server(None).await;
    let outcome = channel(&[slow]).call("shop", request(Method::GET), Duration::from_millis(50)).await;
    assert!(matches!(outcome, Err(Error::Timeout)), "{outcome:?}");
}

/// Starts a server that answers every request with 503, and says so for good when `last`.
async fn ill(last: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&count);
    runtime::spawn(SERVER, async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            let service = service_fn(move |_: Request<Incoming>| {
                counter.fetch_add(1, Ordering::SeqCst);
                let mut answer = Response::builder().status(503);
                if last {
                    answer = answer.header(headers::FINAL, "1");
                }
                std::future::ready(answer.body(Full::new(Bytes::new())))
            });
            runtime::spawn(SERVER, async move {
                http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            });
        }
    });
    (address, count)
}

#[tokio::test]
async fn an_ill_answer_is_repeated_unless_it_is_final() {
    for (last, expected) in [(false, 3), (true, 1)] {
        let (address, count) = ill(last).await;
        let hop = Hop::begin(DEADLINE, Instant::now());
        let answer = channel(&[address]).call_for(&hop, "shop", request(Method::GET)).await.unwrap();
        assert_eq!((answer.status().as_u16(), count.load(Ordering::SeqCst)), (503, expected));
        let mut above = http::HeaderMap::new();
        hop.mark(&mut above);
        assert!(above.contains_key(headers::FINAL), "whoever called must not repeat it");
    }
}

#[tokio::test]
async fn what_is_itself_a_repetition_is_not_repeated() {
    let (address, count) = ill(false).await;
    let inbound = http::HeaderMap::from_iter([(headers::RETRIES_LEFT, HeaderValue::from(0))]);
    let hop = Hop::of(&inbound, DEADLINE, Instant::now());
    channel(&[address]).call_for(&hop, "shop", request(Method::GET)).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_idempotent_call_that_takes_long_is_answered_by_a_second_node() {
    let (slow, asked) = server(None).await;
    let (good, _) = server(Some("good")).await;
    let channel = channel(&[slow, good]);
    {
        let view = channel.0.discovery.view();
        let upstream = view.service("shop").unwrap().upstream().unwrap();
        (0..20).for_each(|_| upstream.latencies().observe(Duration::from_millis(5)));
    }
    for _ in 0..50 {
        assert_eq!(channel.call("shop", request(Method::GET), DEADLINE).await.unwrap().body(), "good");
    }
    let asked = asked.load(Ordering::SeqCst);
    assert!(asked < 10, "a node that was overtaken is avoided, not asked {asked} times");
}

#[tokio::test]
async fn what_only_reads_is_answered_although_one_node_stands_still_and_another_is_gone() {
    let (slow, _) = server(None).await;
    let (good, _) = server(Some("good")).await;
    for number in 0..10 {
        // One that knows nothing of its nodes yet.
        let channel = channel(&[slow, refused().await, good]);
        let mut request = request(Method::POST);
        request.extensions_mut().insert(Reads);
        let answer = channel.call("shop", request, DEADLINE).await;
        assert!(answer.as_ref().is_ok_and(|answer| answer.body() == "good"), "{number}: {answer:?}");
    }
}

#[tokio::test]
async fn calls_beyond_the_limit_are_not_sent() {
    let (slow, count) = server(None).await;
    let channel = channel(&[slow]);
    let call = |deadline| channel.call("shop", request(Method::POST), deadline);
    let sent = futures_util::future::join_all((0..20).map(|_| call(DEADLINE)));
    let beyond = async {
        while count.load(Ordering::SeqCst) < 20 {
            tokio::task::yield_now().await;
        }
        call(Duration::from_millis(50)).await
    };
    tokio::select! {
        sent = sent => panic!("nobody answers: {sent:?}"),
        beyond = beyond => assert!(beyond.is_err(), "{beyond:?}"),
    }
    assert_eq!(count.load(Ordering::SeqCst), 20);
}

#[tokio::test]
async fn connections_are_used_again() {
    let (good, count) = server(Some("good")).await;
    let channel = channel(&[good]);
    for _ in 0..50 {
        channel.call("shop", request(Method::POST), DEADLINE).await.unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 50);
    let view = channel.0.discovery.view();
    let endpoint = &view.service("shop").unwrap().endpoints[0];
    assert!(channel.0.pool.idle(endpoint).is_some_and(|connection| connection.reused()));
}

#[tokio::test]
async fn an_unknown_service_is_an_error_at_once() {
    let outcome = channel(&[]).call("shop", request(Method::GET), DEADLINE).await;
    assert!(matches!(outcome, Err(Error::NoNode(_))), "{outcome:?}");
}
