//! Connections from other processes, taken only from those that may call.

use std::{collections::BTreeSet, io, net::SocketAddr, sync::Arc, time::Duration};

use runtime::{OnError, Shutdown, TaskKind};
use rustls::{ServerConfig, server::NoServerSessionStorage};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::{Stream, Workload, trust::MayCall};
use crate::metrics;

/// Longest time until a connection has shown who it is.
const HANDSHAKE_MAX: Duration = Duration::from_secs(5);
/// Most connections that are showing who they are.
const HANDSHAKES_MAX: usize = 256;
/// Most connections that wait to be served.
const WAITING_MAX: usize = 64;

/// Who may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admits {
    /// These services.
    Only(BTreeSet<String>),
    /// Any workload, and who is none yet: whoever lets it in asks further.
    AnyOrNobody,
}

impl Admits {
    /// Returns whether `service` may call.
    pub(super) fn admits(&self, service: &str) -> bool {
        match self {
            Self::Only(services) => services.contains(service),
            Self::AnyOrNobody => true,
        }
    }
}

/// Takes connections in the name of a workload. Cloning is cheap.
#[derive(Clone)]
pub struct Acceptor(TlsAcceptor);

impl Acceptor {
    /// Returns one that takes connections for `workload` from whom `admits` names.
    pub fn new(workload: Arc<Workload>, admits: Admits) -> Result<Self, rustls::Error> {
        let trust = Arc::clone(&workload.trust);
        let builder = ServerConfig::builder_with_details(Arc::clone(&trust.provider), trust.clone());
        let mut config = builder
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(Arc::new(MayCall { trust, admits }))
            .with_cert_resolver(workload as _);
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Makes a connection that came in one whose other end is known; an error when it may not call.
    pub async fn secure(&self, stream: TcpStream) -> io::Result<Stream> {
        let secured = timeout(HANDSHAKE_MAX, self.0.accept(stream)).await;
        let secured = secured.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        metrics::HANDSHAKES.with(&[if secured.is_ok() { "accepted" } else { "refused" }]).increment();
        Ok(Stream::Secured(Box::new(secured?.into())))
    }
}

/// Connections that have shown who they are, in the order in which they did: nobody waits for one that does not.
pub struct Listener {
    ready: mpsc::Receiver<(Stream, SocketAddr)>,
    address: SocketAddr,
}

impl Listener {
    /// Takes connections of `listener` until `shutdown` begins.
    pub fn start(listener: TcpListener, acceptor: Acceptor, shutdown: &Shutdown) -> io::Result<Self> {
        const ACCEPT: TaskKind = TaskKind::new("service-acceptor", OnError::Stop).aborted();
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(WAITING_MAX);
        let owner = shutdown.clone();
        shutdown.spawn(ACCEPT, async move { accept(listener, acceptor, sender, owner).await });
        Ok(Self { ready, address })
    }

    /// Returns the next connection; none once the end has begun.
    pub async fn accept(&mut self) -> Option<(Stream, SocketAddr)> {
        self.ready.recv().await
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: Acceptor,
    ready: mpsc::Sender<(Stream, SocketAddr)>,
    shutdown: Shutdown,
) {
    const HANDSHAKE: TaskKind = TaskKind::new("service-handshake", OnError::Log).aborted();
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let (stream, peer) = match listener.accept().await {
            Ok(connection) => connection,
            Err(error) => {
                warn!(%error, "service could not accept a connection");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        shutdown.spawn(HANDSHAKE, async move {
            let _place = place;
            let _ = stream.set_nodelay(true);
            match acceptor.secure(stream).await {
                // Whoever served them may be gone.
                Ok(stream) => drop(ready.send((stream, peer)).await),
                Err(error) => debug!(%error, peer.address = %peer, "somebody who may not call was turned away"),
            }
        });
    }
}
