//! The registry as another process sees it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::timeout;

use super::{
    Authority, Changes, Lease, Order, Verdict, Version, WATCH_MAX,
    server::{CERTIFY, DEREGISTER, Keys, ORDER, Ordered, REGISTER, RENEW, REPORT, Secret, WATCH, Watch},
};
use crate::{
    Error, Node, NodeId, NodeKey,
    discovery::Endpoint,
    pool::{self, Pool},
    tls::{Certificate, CertificateRequest, Dialer, REGISTRY},
};

const CALL_MAX: Duration = Duration::from_secs(3);
/// Enough for fifty thousand nodes with many routes.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// A client of the registry's HTTP API. With several addresses it goes on to the next when one does not answer.
pub struct Remote {
    endpoints: Vec<Arc<Endpoint>>,
    current: AtomicUsize,
    authorization: Option<HeaderValue>,
    pool: Arc<Pool<Full<Bytes>>>,
}

impl Remote {
    /// Returns a client of the registry at `addresses`, which shows `secret` there.
    pub fn new(addresses: &[SocketAddr], secret: Option<&Secret>) -> Arc<Self> {
        Self::over(addresses, secret, None)
    }

    /// The same, over connections of `dialer`, by which each end knows the other.
    pub fn over(addresses: &[SocketAddr], secret: Option<&Secret>, dialer: Option<&Arc<Dialer>>) -> Arc<Self> {
        let endpoint = |address: &SocketAddr| {
            let node = Node::new(NodeId::from_u128(0), REGISTRY, *address).secured(dialer.is_some());
            Endpoint::secured(Arc::new(node), dialer.map(|dialer| Arc::clone(dialer) as _))
        };
        let authorization = secret.and_then(|secret| HeaderValue::from_str(&secret.bearer()).ok()).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        Arc::new(Self {
            endpoints: addresses.iter().map(endpoint).collect(),
            current: AtomicUsize::new(0),
            authorization,
            pool: Pool::new(pool::Settings { connections_max: 16, idle_max: 4, ..pool::Settings::default() }),
        })
    }

    async fn call<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize, limit: Duration) -> Result<T, Error> {
        let body = Bytes::from(serde_json::to_vec(body).map_err(Error::Answer)?);
        let current = self.current.load(Ordering::Relaxed);
        let count = self.endpoints.len().max(1);
        let Some(endpoint) = self.endpoints.get(current % count) else {
            return Err(Error::NoNode("registry".to_owned()));
        };
        let answer = timeout(limit, self.attempt(endpoint, path, body)).await.unwrap_or(Err(Error::Timeout));
        let (status, answer) = answer.inspect_err(|_| {
            self.current.store((current + 1) % count, Ordering::Relaxed);
        })?;
        if !status.is_success() {
            let detail = String::from_utf8_lossy(&answer).chars().take(500).collect();
            return Err(Error::Refused { status: status.as_u16(), detail });
        }
        serde_json::from_slice(&answer).map_err(Error::Answer)
    }

    async fn attempt(&self, endpoint: &Arc<Endpoint>, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), Error> {
        let address = endpoint.node.address;
        let mut request = self.request(path, address, body.clone());
        loop {
            let mut connection = self.pool.checkout(endpoint).await?;
            match connection.send(request).await {
                Ok(response) => {
                    let status = response.status();
                    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
                    let body = body.map_err(|_| Error::TooLarge { bytes_max: ANSWER_BYTES_MAX })?;
                    connection.release(&self.pool);
                    return Ok((status, body.to_bytes()));
                }
                // Every call may be repeated; a used connection may just have been closed by the other side.
                Err(_) if connection.reused() => request = self.request(path, address, body.clone()),
                Err(failed) => return Err(failed.error),
            }
        }
    }

    fn request(&self, path: &str, address: SocketAddr, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        if let Ok(uri) = path.parse() {
            *request.uri_mut() = uri;
        }
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(host) = HeaderValue::from_str(&address.to_string()) {
            headers.insert(header::HOST, host);
        }
        if let Some(authorization) = &self.authorization {
            headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        request
    }
}

impl Authority for Remote {
    fn register<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, Result<Lease, Error>> {
        self.call(REGISTER, node, CALL_MAX).boxed()
    }

    fn renew<'a>(&'a self, keys: &'a [NodeKey]) -> BoxFuture<'a, Result<Vec<NodeKey>, Error>> {
        async { Ok(self.call::<Keys>(RENEW, &Keys { keys: keys.to_vec() }, CALL_MAX).await?.keys) }.boxed()
    }

    fn deregister<'a>(&'a self, key: &'a NodeKey) -> BoxFuture<'a, Result<(), Error>> {
        self.call(DEREGISTER, key, CALL_MAX).boxed()
    }

    fn report<'a>(&'a self, verdict: &'a Verdict) -> BoxFuture<'a, Result<(), Error>> {
        self.call(REPORT, verdict, CALL_MAX).boxed()
    }

    fn order<'a>(&'a self, key: &'a NodeKey, order: &'a Order) -> BoxFuture<'a, Result<(), Error>> {
        async move { self.call(ORDER, &Ordered { node: key.clone(), order: order.clone() }, CALL_MAX).await }.boxed()
    }

    fn certify<'a>(&'a self, request: &'a CertificateRequest) -> BoxFuture<'a, Result<Certificate, Error>> {
        self.call(CERTIFY, request, CALL_MAX).boxed()
    }

    fn watch(&self, seen: Option<Version>) -> BoxFuture<'_, Result<Changes, Error>> {
        async move { self.call(WATCH, &Watch { seen }, WATCH_MAX + CALL_MAX).await }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use runtime::Shutdown;

    use super::*;
    use crate::{
        Discovery, Route,
        registry::{Registry, Settings, announce::announce, server},
    };

    async fn served(secret: Option<Secret>) -> (Arc<Registry>, SocketAddr, Shutdown) {
        let (registry, shutdown) = (Registry::new(Settings::default()), Shutdown::new());
        registry.start(&shutdown);
        let any = (Ipv4Addr::LOCALHOST, 0).into();
        let address = server::serve(registry.clone(), any, secret, &shutdown).await.unwrap();
        (registry, address, shutdown)
    }

    fn node(port: u16) -> Node {
        Node::new(NodeId::from_u128(7), "shop", (Ipv4Addr::LOCALHOST, port).into()).routes([Route::new("/shop")])
    }

    #[tokio::test]
    async fn a_node_joins_is_seen_and_leaves_over_http() {
        let secret = Secret::new("a secret");
        let (registry, address, _shutdown) = served(Some(secret.clone())).await;
        let remote = Remote::new(&[address], Some(&secret));
        let gateway = Shutdown::new();
        let discovery = Discovery::follow(remote.clone(), &gateway);
        let shop = Shutdown::new();
        announce(remote.clone(), vec![node(80)], &shop);
        discovery.wait_for("shop").await;
        assert_eq!(registry.nodes(), [Arc::new(node(80))]);
        shop.drain(Duration::from_secs(5)).await.unwrap();
        discovery.updates().wait_for(|_| discovery.view().service("shop").is_none()).await.unwrap();
    }

    #[tokio::test]
    async fn without_the_secret_nobody_joins() {
        let (registry, address, _shutdown) = served(Some(Secret::new("a secret"))).await;
        for secret in [None, Some(Secret::new("another"))] {
            let refused = Remote::new(&[address], secret.as_ref()).register(&node(80)).await;
            assert!(matches!(refused, Err(Error::Refused { status: 401, .. })), "{refused:?}");
        }
        assert!(registry.nodes().is_empty());
    }

    #[tokio::test]
    async fn a_malformed_node_is_refused_with_the_reason() {
        let (_registry, address, _shutdown) = served(None).await;
        let bad = node(80).routes([Route::new("/../etc")]);
        match Remote::new(&[address], None).register(&bad).await {
            Err(Error::Refused { status: 422, detail }) => assert!(detail.contains("`/../etc`"), "{detail}"),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_client_goes_on_to_the_next_registry() {
        let (_registry, address, _shutdown) = served(None).await;
        let free = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
        let remote = Remote::new(&[free, address], None);
        assert!(remote.register(&node(80)).await.is_err());
        assert!(remote.register(&node(80)).await.is_ok());
    }
}
