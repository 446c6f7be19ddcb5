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

/// Starts a server that answers with `text` and counts requests.
async fn server(text: &'static str, delay: Duration) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&count);
    runtime::spawn(SERVER, async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            let service = service_fn(move |_: Request<Incoming>| {
                counter.fetch_add(1, Ordering::SeqCst);
                async move {
                    tokio::time::sleep(delay).await;
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
    let (good, _) = server("good", Duration::ZERO).await;
    let channel = channel(&[refused().await, good]);
    for _ in 0..20 {
        assert_eq!(channel.call("shop", request(Method::POST), DEADLINE).await.unwrap().body(), "good");
    }
}

#[tokio::test]
async fn only_an_idempotent_request_is_repeated_once_it_was_sent() {
    let (good, _) = server("good", Duration::ZERO).await;
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
    let (slow, _) = server("slow", Duration::from_mins(1)).await;
    let outcome = channel(&[slow]).call("shop", request(Method::GET), Duration::from_millis(50)).await;
    assert!(matches!(outcome, Err(Error::Timeout)), "{outcome:?}");
}

#[tokio::test]
async fn connections_are_used_again() {
    let (good, count) = server("good", Duration::ZERO).await;
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
