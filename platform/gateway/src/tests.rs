//! The gateway over real sockets, in front of small services.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use mesh::{Discovery, Node, NodeId, Route};
use runtime::{Health, OnError, Shutdown, SystemClock, TaskKind, testing::SeededRandom};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
};

use crate::{Authenticate, Authenticated, Credential, Denied, Gateway, Parts, Question, Running, Settings};

mod acme;
mod acme_directory;
mod answers;
mod caching;
mod explaining;
mod failover;
mod framing;
mod grpc;
mod http2;
mod limiting;
mod listening;
mod outside;
mod outside_tls;
mod passing;
mod routing;
mod stopping;
mod tls;
mod tunnel;
mod websocket_http2;

const SERVER: TaskKind = TaskKind::new("test-server", OnError::Log);

/// Knows one session and one token, and a host that belongs to nobody.
struct Door;

impl Authenticate for Door {
    fn authenticate<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Authenticated, Denied>> {
        async move {
            let token = match question.credential {
                _ if question.host == "unknown" => return Err(Denied::Host),
                Credential::Bearer("good") => "signed-bearer",
                Credential::Bearer(_) => return Err(Denied::Credential),
                Credential::Cookie("good") => "signed-cookie",
                Credential::Cookie(_) | Credential::None => "signed-nobody",
            };
            let subject = (token == "signed-cookie").then(|| uuid::Uuid::from_u128(7));
            let token = HeaderValue::from_static(token);
            Ok(Authenticated { token, subject, tenant: None, lifetime: Duration::from_mins(1) })
        }
        .boxed()
    }
}

/// A gateway, what it sees, and its end.
struct Site {
    running: Running,
    discovery: Discovery,
    shutdown: Shutdown,
}

impl Site {
    fn start(nodes: impl IntoIterator<Item = Node>) -> Self {
        Self::with(nodes, |_| {})
    }

    fn with(nodes: impl IntoIterator<Item = Node>, change: impl FnOnce(&mut Settings)) -> Self {
        Self::counting(nodes, change, None)
    }

    /// Starts a gateway that counts limits in `shared`.
    fn counting(
        nodes: impl IntoIterator<Item = Node>,
        change: impl FnOnce(&mut Settings),
        shared: Option<cache::Shared>,
    ) -> Self {
        let mut settings = Settings { listen: any(), admin: Some(any()), workers: Some(1), ..Settings::default() };
        change(&mut settings);
        let (shutdown, discovery) = (Shutdown::new(), Discovery::fixed(nodes));
        let running = Gateway::start(settings, parts(discovery.clone(), shared, &shutdown), &shutdown).unwrap();
        Self { running, discovery, shutdown }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.running.address).await.unwrap()
    }

    /// Sends bytes on a connection of their own and returns everything that comes back until it is closed.
    async fn raw(&self, bytes: &[u8]) -> String {
        raw(self.running.address, bytes).await
    }

    /// Sends a request that closes its connection.
    async fn get(&self, path: &str) -> String {
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n").as_bytes()).await
    }
}

fn parts(discovery: Discovery, shared: Option<cache::Shared>, shutdown: &Shutdown) -> Parts {
    Parts {
        discovery,
        authenticate: Arc::new(Door),
        ambient: base::Ambient::new(Arc::new(SystemClock), Arc::new(SeededRandom::new(1))),
        health: Health::new(shutdown.clone()),
        admin_key: Some("key".into()),
        shared,
    }
}

/// Starts a gateway in front of nothing.
fn start(settings: Settings, shutdown: &Shutdown) -> Result<Running, crate::Error> {
    Gateway::start(settings, parts(Discovery::fixed([]), None, shutdown), shutdown)
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    let exchange = async {
        // The other side may close before it has read everything.
        let _ = stream.write_all(bytes).await;
        let _ = stream.read_to_end(&mut answer).await;
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), exchange).await;
    assert!(in_time.is_ok(), "no end: {}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

/// Waits until nobody listens: each worker closes its socket by itself.
async fn wait_closed(address: SocketAddr) {
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

fn any() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {answer:?}"))
}

/// A service at `address` with every path.
fn node(id: u128, address: SocketAddr) -> Node {
    Node::new(NodeId::from_u128(id), "shop", address).routes([Route::new("/")])
}

/// A service that answers with what it was sent: the head as it arrived, then the body.
struct Echo {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Echo {
    async fn start() -> Self {
        Self::serve(|request| async move { echo(request).await }).await
    }

    /// Starts a service that answers by `answer`.
    async fn serve<F>(answer: fn(Request<Incoming>) -> F) -> Self
    where
        F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let listener = TcpListener::bind(any()).await.unwrap();
        let (address, requests) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&requests);
        let connections = Shutdown::new();
        let task = runtime::spawn(SERVER, async move {
            let guard = connections.clone();
            // The connections end with the service, as when its process is killed.
            let _end = Ending(guard);
            while let Ok((stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                connections.spawn(SERVER.aborted(), serve_connection(stream, counter, answer));
            }
        });
        Self { address, requests, task }
    }

    fn count(&self) -> usize {
        self.requests.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn kill(&self) {
        self.task.abort();
    }
}

/// Holds requests back at a service until a test lets so many of them go.
struct Gate(Semaphore);

impl Gate {
    const fn shut() -> Self {
        Self(Semaphore::const_new(0))
    }

    async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }

    fn let_go(&self, requests: usize) {
        self.0.add_permits(requests);
    }
}

struct Ending(Shutdown);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.begin();
    }
}

async fn serve_connection<F>(stream: TcpStream, counter: Arc<AtomicUsize>, answer: fn(Request<Incoming>) -> F)
where
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let service = service_fn(move |request| {
        counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn echo(request: Request<Incoming>) -> Response<Full<Bytes>> {
    use http_body_util::BodyExt;
    let (head, body) = request.into_parts();
    let mut text = format!("{} {} {:?}\n", head.method, head.uri, head.version);
    for (name, value) in &head.headers {
        text.extend([name.as_str(), ": ", value.to_str().unwrap_or("?"), "\n"]);
    }
    match body.collect().await {
        Ok(body) => text.extend(["\n", &String::from_utf8_lossy(&body.to_bytes())]),
        Err(_) => text += "\nbroken",
    }
    Response::new(Full::new(Bytes::from(text)))
}
