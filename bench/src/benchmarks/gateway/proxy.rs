//! The proxies of our own language: the gateway, bare and with everything, and a plain one made of hyper.

use std::{convert::Infallible, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use futures_util::{FutureExt, future::BoxFuture};
use gateway::{Authenticate, Authenticated, Denied, Gateway, Parts, Question, Settings};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, combinators::BoxBody};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1::SendRequest,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use mesh::{Discovery, Node, NodeId, Route};
use parking_lot::Mutex;
use runtime::{Health, OnError, Shutdown, TaskKind};
use tokio::net::{TcpListener, TcpStream};

use super::certificate;
use crate::installation;

const TASK: TaskKind = TaskKind::new("plain-proxy", OnError::Log);
type Body = BoxBody<Bytes, hyper::Error>;
/// Idle connections to the backend.
type Idle = Arc<Mutex<Vec<SendRequest<Incoming>>>>;

/// Runs the proxy named first, on the two addresses that follow, the second with TLS by the certificate of a folder, in
/// front of the one after them.
pub(in crate::benchmarks) async fn run(arguments: Vec<String>) -> Result<()> {
    let [name, listen, secure, backend, folder] = &arguments[..] else {
        bail!("NAME LISTEN SECURE BACKEND FOLDER must follow");
    };
    let (listen, backend): (SocketAddr, SocketAddr) = (listen.parse()?, backend.parse()?);
    let listeners = (listen, listener(secure.parse()?, Path::new(folder)));
    match name.as_str() {
        "hyper" => plain(listen, backend).await,
        "ours" => ours(listeners, backend, Kind::Bare).await,
        "ours-full" => {
            runtime::telemetry::init(&runtime::telemetry::Settings::default())?;
            ours(listeners, backend, Kind::Full).await
        }
        _ => bail!("no proxy `{name}`"),
    }
}

/// Gives everybody the same token, as a gateway does that remembers its callers.
struct Everybody;

impl Authenticate for Everybody {
    fn authenticate<'a>(&'a self, _: Question<'a>) -> BoxFuture<'a, Result<Authenticated, Denied>> {
        let token = HeaderValue::from_static("bench");
        let known = Authenticated { token, subject: None, tenant: None, lifetime: Duration::from_hours(1) };
        futures_util::future::ready(Ok(known)).boxed()
    }
}

/// Which gateway.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// In front of a place outside, without what the peers leave out too: compression, a cache, a log.
    Bare,
    /// In front of a service: identify, limit, authenticate, cache, compression and a line in the log for each request.
    Full,
}

async fn ours((listen, secure): (SocketAddr, String), backend: SocketAddr, kind: Kind) -> Result<()> {
    let shutdown = Shutdown::new();
    let folder = installation::folder()?;
    let routes = folder.path().join("routes.toml");
    let mut settings = Settings { listen, workers: Some(1), routes: Some(routes.clone()), ..Settings::default() };
    let mut nodes = Vec::new();
    match kind {
        Kind::Bare => {
            std::fs::write(&routes, secure + &bare_routes(backend))?;
            (settings.compression, settings.cache_bytes_max) = (false, 0);
        }
        Kind::Full => {
            std::fs::write(&routes, secure)?;
            settings.access_log.sample = 1.0;
            nodes.push(Node::new(NodeId::from_u128(1), "backend", backend).routes([Route::new("/")]));
        }
    }
    let parts = Parts {
        discovery: Discovery::fixed(nodes),
        authenticate: Arc::new(Everybody),
        ambient: installation::ambient(),
        health: Health::new(shutdown.clone()),
        admin_key: None,
        shared: None,
    };
    let _running = Gateway::start(settings, parts, &shutdown)?;
    shutdown.cancelled().await;
    Ok(())
}

/// Returns the listener of TLS as a route file says it.
fn listener(address: SocketAddr, folder: &Path) -> String {
    let (certificate, key) = (folder.join(certificate::CERTIFICATE), folder.join(certificate::KEY));
    format!(
        "[[listener]]\nname = \"secure\"\naddress = \"{address}\"\n\
         certificate = [{{ file = \"{}\", key = \"{}\" }}]\n",
        certificate.display(),
        key.display()
    )
}

fn bare_routes(backend: SocketAddr) -> String {
    format!(
        "[[upstream]]\nname = \"backend\"\naddresses = [\"{backend}\"]\n\
         [[route]]\nname = \"all\"\nmatch = [{{ path = {{ prefix = \"/\" }} }}]\nbackend = [{{ upstream = \"backend\" }}]\n"
    )
}

/// The simplest proxy that hyper allows, with a pool of connections and nothing else.
async fn plain(listen: SocketAddr, backend: SocketAddr) -> Result<()> {
    let thread = std::thread::Builder::new().name("plain-proxy".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(accept(listen, backend))
    })?;
    tokio::task::spawn_blocking(move || thread.join()).await?.ok().context("the proxy failed")?
}

async fn accept(listen: SocketAddr, backend: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(listen).await?;
    let idle = Idle::default();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let idle = Arc::clone(&idle);
        runtime::spawn(TASK, async move {
            let service = service_fn(move |request| {
                let idle = Arc::clone(&idle);
                async move { Ok::<_, Infallible>(forward(request, backend, idle).await) }
            });
            // A driver that goes away is nobody's loss.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn forward(request: Request<Incoming>, backend: SocketAddr, idle: Idle) -> Response<Body> {
    exchange(request, backend, idle).await.unwrap_or_else(|_| {
        let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed());
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}

async fn exchange(mut request: Request<Incoming>, backend: SocketAddr, idle: Idle) -> Result<Response<Body>> {
    let mut sender = match kept(&idle).await {
        Some(sender) => sender,
        None => connect(backend).await?,
    };
    request.headers_mut().remove(http::header::CONNECTION);
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    // Ready again when the answer has been read; whoever takes it next waits for that.
    idle.lock().insert(0, sender);
    Ok(response.map(BodyExt::boxed))
}

/// Takes a connection that still stands.
async fn kept(idle: &Idle) -> Option<SendRequest<Incoming>> {
    loop {
        let mut sender = idle.lock().pop()?;
        if sender.ready().await.is_ok() {
            return Some(sender);
        }
    }
}

async fn connect(backend: SocketAddr) -> Result<SendRequest<Incoming>> {
    let stream = TcpStream::connect(backend).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    runtime::spawn(TASK, async move {
        // Its end shows in the next request.
        let _ = connection.await;
    });
    Ok(sender)
}
