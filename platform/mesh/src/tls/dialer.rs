//! Connections to services, over which each end knows who the other is.

use std::{collections::HashMap, fmt, io, net::IpAddr, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use rustls::{ClientConfig, client::Resumption, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Stream, Workload, trust::IsService};
use crate::Node;

/// Most services whose configuration is kept ready.
const SERVICES_MAX: usize = 1_024;

/// What makes of a connection to a node one over which it is known who is there.
pub trait Secure: fmt::Debug + Send + Sync {
    /// Returns `stream`, which leads to where `node` says it is, as such a connection; an error when somebody else is
    /// there.
    fn secure<'a>(&'a self, stream: TcpStream, node: &'a Node) -> BoxFuture<'a, io::Result<Stream>>;
}

/// Connects in the name of a workload.
pub struct Dialer {
    workload: Arc<Workload>,
    ready: Mutex<HashMap<String, Arc<ClientConfig>>>,
}

impl Dialer {
    /// Returns one that connects in the name of `workload`.
    pub fn new(workload: Arc<Workload>) -> Arc<Self> {
        Arc::new(Self { workload, ready: Mutex::default() })
    }

    /// Makes `stream` a connection to `service`; an error when whoever is there is not that.
    pub async fn secure(&self, stream: TcpStream, service: &str) -> io::Result<Stream> {
        let address: IpAddr = stream.peer_addr()?.ip();
        let connector = TlsConnector::from(self.config(service).map_err(io::Error::other)?);
        let secured = connector.connect(ServerName::from(address), stream).await?;
        Ok(Stream::Secured(Box::new(secured.into())))
    }

    fn config(&self, service: &str) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(config) = self.ready.lock().get(service) {
            return Ok(Arc::clone(config));
        }
        let trust = Arc::clone(&self.workload.trust);
        let builder = ClientConfig::builder_with_details(Arc::clone(&trust.provider), trust.clone());
        let verifier = IsService { trust, service: service.to_owned() };
        let mut config = builder
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::clone(&self.workload) as _);
        config.resumption = Resumption::disabled();
        config.enable_sni = false;
        let config = Arc::new(config);
        let mut ready = self.ready.lock();
        if ready.len() >= SERVICES_MAX {
            ready.clear();
        }
        ready.insert(service.to_owned(), Arc::clone(&config));
        Ok(config)
    }
}

impl Secure for Dialer {
    fn secure<'a>(&'a self, stream: TcpStream, node: &'a Node) -> BoxFuture<'a, io::Result<Stream>> {
        Self::secure(self, stream, &node.service).boxed()
    }
}

/// Connects to `node`, securely when it wants that.
pub(crate) async fn connect(node: &Node, by: Option<&dyn Secure>) -> io::Result<Stream> {
    let stream = TcpStream::connect(node.address).await?;
    stream.set_nodelay(true)?;
    match by {
        _ if !node.secured => Ok(Stream::Plain(stream)),
        Some(by) => by.secure(stream, node).await,
        None => Err(io::Error::other("the node wants to know who calls, and this process has no certificate")),
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialer({:?})", self.workload)
    }
}
