//! The registry over HTTP: a small JSON API for the installation's own nodes, and what `consul` shows to others.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use base::{Code, Fault};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use runtime::{OnError, Shutdown, TaskKind};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tracing::{debug, info, warn};

use super::{Authority, Order, Registry, Verdict, Version, consul};
use crate::{
    Error, Node, NodeKey,
    error::{REQUEST, SECRET, STRANGER},
    tls::{Acceptor, Stream},
};

/// Enters a node.
pub(super) const REGISTER: &str = "/mesh/v1/register";
/// Renews leases.
pub(super) const RENEW: &str = "/mesh/v1/renew";
/// Takes a node out.
pub(super) const DEREGISTER: &str = "/mesh/v1/deregister";
/// Says how a node does that was called.
pub(super) const REPORT: &str = "/mesh/v1/report";
/// Sets what the operator wants of a node.
pub(super) const ORDER: &str = "/mesh/v1/order";
/// Issues a certificate.
pub(super) const CERTIFY: &str = "/mesh/v1/certify";
/// Waits for a change.
pub(super) const WATCH: &str = "/mesh/v1/watch";

const BODY_BYTES_MAX: usize = 1 << 20;
const CONNECTIONS_MAX: usize = 4_096;
/// Longest wait for the first byte of a connection.
const FIRST_BYTE_MAX: Duration = Duration::from_secs(10);
const HEAD_MAX: Duration = Duration::from_mins(1);

/// What the nodes of an installation know and nobody else: who has it may join. Never printed.
#[derive(Clone)]
pub struct Secret {
    shown: Arc<str>,
    others: Arc<[String]>,
}

impl Secret {
    /// Returns the secret with this text: visible ASCII characters.
    pub fn new(text: &str) -> Self {
        Self { shown: text.into(), others: Arc::default() }
    }

    /// Returns the secret that admits these others too: while it is exchanged, nodes show the old one or the new.
    #[must_use]
    pub fn or(self, others: impl IntoIterator<Item = String>) -> Self {
        Self { others: others.into_iter().collect(), ..self }
    }

    /// Returns the text, for the one header that carries it.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.shown)
    }

    /// Compares in a time that does not tell how much of it is right.
    fn admits(&self, given: &[u8]) -> bool {
        let Some(given) = given.strip_prefix(b"Bearer ") else { return false };
        let is = |wanted: &str| {
            let differing = wanted.bytes().zip(given).fold(0, |differing, (one, two)| differing | (one ^ two));
            wanted.len() == given.len() && differing == 0
        };
        is(&self.shown) || self.others.iter().any(|other| is(other))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Who is let in.
#[derive(Clone, Default)]
pub struct Access {
    /// What the installation's nodes show, for everything; without it anybody is let in.
    pub nodes: Option<Secret>,
    /// What others show, for Consul's API and Prometheus' alone.
    pub consul: Option<Secret>,
    /// Takes connections that show who they are. With it the installation's own API is for those alone; others may read
    /// Consul's and Prometheus' over plain connections, and ask for a certificate.
    pub acceptor: Option<Acceptor>,
}

/// Whom a request comes from.
#[derive(Debug, Clone, Copy)]
struct Peer {
    address: IpAddr,
    /// Whether the connection is protected, and whether its other end showed a certificate.
    secured: bool,
    known: bool,
}

impl From<Option<Secret>> for Access {
    fn from(nodes: Option<Secret>) -> Self {
        Self { nodes, ..Self::default() }
    }
}

/// What a watcher asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watch {
    /// The version it has.
    pub(super) seen: Option<Version>,
}

/// What the operator wants of which node.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ordered {
    /// The node.
    pub(super) node: NodeKey,
    /// What is wanted.
    pub(super) order: Order,
}

/// Whose leases are renewed, and in the answer those that are unknown.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The nodes.
    pub(super) keys: Vec<NodeKey>,
}

/// Serves `authority` on `address` until the node stops; returns the address taken.
pub async fn serve(
    authority: Arc<Registry>,
    address: SocketAddr,
    access: impl Into<Access>,
    shutdown: &Shutdown,
) -> Result<SocketAddr, Error> {
    const SERVER: TaskKind = TaskKind::new("registry-server", OnError::Stop).aborted();
    let listen = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let taken = listener.local_addr().map_err(listen)?;
    info!(registry.address = %taken, "registry is listening");
    let api = Arc::new(Api { authority, access: access.into(), places: Arc::new(Semaphore::new(CONNECTIONS_MAX)) });
    let owner = shutdown.clone();
    shutdown.spawn(SERVER, async move { accept(listener, api, owner).await });
    Ok(taken)
}

struct Api {
    authority: Arc<Registry>,
    access: Access,
    places: Arc<Semaphore>,
}

async fn accept(listener: TcpListener, api: Arc<Api>, shutdown: Shutdown) {
    const CONNECTION: TaskKind = TaskKind::new("registry-connection", OnError::Log).aborted();
    loop {
        let Ok(place) = Arc::clone(&api.places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let api = Arc::clone(&api);
                shutdown.spawn(CONNECTION, async move {
                    let _place = place;
                    serve_connection(stream, peer.ip(), api).await;
                });
            }
            Err(error) => {
                warn!(%error, "registry could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// Lets a connection show who it is when it begins as TLS does.
async fn welcome(stream: TcpStream, acceptor: Option<&Acceptor>) -> io::Result<Stream> {
    const TLS_HANDSHAKE: u8 = 22;
    let Some(acceptor) = acceptor else {
        return Ok(Stream::Plain(stream));
    };
    let mut first = [0];
    timeout(FIRST_BYTE_MAX, stream.peek(&mut first)).await??;
    if first == [TLS_HANDSHAKE] { acceptor.secure(stream).await } else { Ok(Stream::Plain(stream)) }
}

async fn serve_connection(stream: TcpStream, address: IpAddr, api: Arc<Api>) {
    let stream = match welcome(stream, api.access.acceptor.as_ref()).await {
        Ok(stream) => stream,
        Err(error) => return debug!(%error, "somebody who may not ask the registry was turned away"),
    };
    let peer = Peer { address, secured: matches!(stream, Stream::Secured(_)), known: stream.is_known() };
    let service = service_fn(move |request| {
        let api = Arc::clone(&api);
        async move { Ok::<_, std::convert::Infallible>(api.answer(request, peer).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_MAX);
    // A connection that breaks is the other side's matter: it comes back.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

impl Api {
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        self.handle(request, peer).await.unwrap_or_else(Refusal::response)
    }

    async fn handle(&self, request: Request<Incoming>, peer: Peer) -> Result<Response<Full<Bytes>>, Refusal> {
        self.admit(&request, peer)?;
        let path = request.uri().path().to_owned();
        if matches!(*request.method(), Method::PUT | Method::DELETE) && consul::is_path(&path) {
            let (method, uri) = (request.method().clone(), request.uri().clone());
            let body = bytes(request).await?;
            let unknown = || Refusal::request(StatusCode::NOT_FOUND, "no such address");
            let changed = consul::change(&self.authority, &method, &uri, (&body, peer.address)).await;
            return changed.ok_or_else(unknown);
        }
        if request.method() == Method::GET
            && let Some(answer) = consul::answer(&self.authority, request.uri()).await
        {
            return Ok(answer);
        }
        if request.method() != Method::POST {
            return Err(Refusal::request(StatusCode::METHOD_NOT_ALLOWED, "use POST"));
        }
        match path.as_str() {
            REGISTER => json(&self.authority.register(&body::<Node>(request).await?).await?),
            RENEW => {
                let keys = self.authority.renew(&body::<Keys>(request).await?.keys).await?;
                json(&Keys { keys })
            }
            CERTIFY => {
                let mut answer = json(&self.authority.certify(&body(request).await?).await?)?;
                // Who has a certificate now shows it on the next connection.
                answer.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
                Ok(answer)
            }
            DEREGISTER => json(&self.authority.deregister(&body::<NodeKey>(request).await?).await?),
            REPORT => json(&self.authority.report(&body::<Verdict>(request).await?).await?),
            ORDER => {
                let Ordered { node, order } = body(request).await?;
                json(&self.authority.order(&node, &order).await?)
            }
            WATCH => json(&self.authority.watch(body::<Watch>(request).await?.seen).await?),
            _ => Err(Refusal::request(StatusCode::NOT_FOUND, "no such address")),
        }
    }

    fn admit(&self, request: &Request<Incoming>, peer: Peer) -> Result<(), Refusal> {
        let path = request.uri().path();
        let is_open = consul::is_path(path) || peer.known || path == CERTIFY && peer.secured;
        if self.access.acceptor.is_some() && !is_open {
            let detail = "this is for nodes of the installation, over connections that show who they are".to_owned();
            return Err(Refusal { status: StatusCode::FORBIDDEN, code: &STRANGER, detail });
        }
        let Some(secret) = &self.access.nodes else {
            return Ok(());
        };
        let given = request.headers().get(header::AUTHORIZATION).map(http::HeaderValue::as_bytes).unwrap_or_default();
        let token = consul::token(request).map(|token| [b"Bearer ".as_slice(), &token].concat());
        let admits = |secret: &Secret| secret.admits(given) || token.as_ref().is_some_and(|token| secret.admits(token));
        let outsider = self.access.consul.as_ref().filter(|_| consul::is_path(path));
        if admits(secret) || outsider.is_some_and(admits) {
            return Ok(());
        }
        let detail = "this needs the installation's secret".to_owned();
        Err(Refusal { status: StatusCode::UNAUTHORIZED, code: &SECRET, detail })
    }
}

/// Why a request is not answered as asked.
struct Refusal {
    status: StatusCode,
    code: &'static Code,
    detail: String,
}

impl Refusal {
    fn request(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, code: &REQUEST, detail: detail.into() }
    }

    /// Returns the problem document (RFC 9457).
    fn response(self) -> Response<Full<Bytes>> {
        let document = serde_json::json!({
            "type": format!("/errors/{}", self.code.id),
            "title": self.code.title(),
            "status": self.status.as_u16(),
            "code": self.code.id,
            "detail": self.detail,
        });
        let mut response = Response::new(Full::new(Bytes::from(document.to_string())));
        *response.status_mut() = self.status;
        let kind = http::HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = error.code();
        let status = StatusCode::from_u16(code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, code, detail: runtime::chain(&error) }
    }
}

async fn body<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, Refusal> {
    let refused = |error: serde_json::Error| Refusal::request(StatusCode::BAD_REQUEST, error.to_string());
    serde_json::from_slice(&bytes(request).await?).map_err(refused)
}

async fn bytes(request: Request<Incoming>) -> Result<Bytes, Refusal> {
    let body = Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await;
    let body = body.map_err(|_| Refusal::request(StatusCode::BAD_REQUEST, "the body is too large or broken"))?;
    Ok(body.to_bytes())
}

fn json(value: &impl Serialize) -> Result<Response<Full<Bytes>>, Refusal> {
    let text = serde_json::to_vec(value).map_err(Error::Answer)?;
    let mut response = Response::new(Full::new(Bytes::from(text)));
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_admits_only_itself_and_is_not_printed() {
        let secret = Secret::new("abc");
        assert!(secret.admits(b"Bearer abc"));
        for wrong in ["", "Bearer ab", "Bearer abd", "Bearer abcd", "abc"] {
            assert!(!secret.admits(wrong.as_bytes()), "{wrong}");
        }
        assert_eq!(format!("{secret:?}"), "Secret");
    }

    #[test]
    fn while_a_secret_is_exchanged_both_are_admitted_and_one_is_shown() {
        let secret = Secret::new("new").or(["old".to_owned()]);
        assert!(secret.admits(b"Bearer old") && secret.admits(b"Bearer new") && !secret.admits(b"Bearer ol"));
        assert_eq!(secret.bearer(), "Bearer new");
    }
}
