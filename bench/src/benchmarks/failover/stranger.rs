//! Nodes that join the registry and serve badly: one at a port where nobody listens, one that answers late.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use crypto::{CertificateAuthority, Keyring, SystemRandom};
use mesh::{
    Discovery, Node,
    registry::{Authority, client::Remote, server::Secret},
    tls::{self, Dialer, Trust, Workload},
};
use runtime::{OnError, Shutdown, SystemClock, TaskKind};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use crate::{installation, server::Place};

/// The service that they say they are.
const SERVICE: &str = "projects";
/// The default of `mesh.trust_domain`.
const TRUST_DOMAIN: &str = "fpms";
/// How late the slow one answers.
const DELAY: Duration = Duration::from_millis(300);
const RELAY: TaskKind = TaskKind::new("failover-relay", OnError::Log).aborted();
const CHUNK_BYTES: usize = 64 << 10;

/// Makes such nodes.
pub(super) struct Strangers {
    authority: Arc<dyn Authority>,
    discovery: Discovery,
    shutdown: Shutdown,
    /// Where they listen: where the registry does.
    address: IpAddr,
}

impl Strangers {
    /// Returns one who knows the secret of the installation, and so may join its registry.
    pub(super) async fn of(place: &Place, registry: SocketAddr) -> Result<Self> {
        let keyring = Keyring::open(&place.folder().join("keys"), &SystemRandom)?;
        let secret = Secret::new(keyring.shared_secret("registry").expose());
        let shutdown = Shutdown::new();
        let authorities = CertificateAuthority::derive(&keyring, tls::PURPOSE)?;
        let trust = Trust::new(&authorities, TRUST_DOMAIN, Arc::new(SystemClock))?;
        let workload = Workload::new("node", trust);
        let authority = Remote::over(&[registry], Some(&secret), Some(&Dialer::new(Arc::clone(&workload))));
        let authority: Arc<dyn Authority> = authority;
        workload.join(Arc::clone(&authority), &shutdown).await?;
        let discovery = Discovery::follow(Arc::clone(&authority), &shutdown);
        discovery.wait_for(SERVICE).await;
        Ok(Self { authority, discovery, shutdown, address: registry.ip() })
    }

    /// Lets a node that refuses every connection stand in the registry for `time`.
    pub(super) async fn refusing(&self, time: Duration) -> Result<()> {
        let address = std::net::TcpListener::bind((self.address, 0))?.local_addr()?;
        self.stand(address, time).await
    }

    /// Lets a node that answers late stand in the registry for `time`.
    pub(super) async fn slow(&self, time: Duration) -> Result<()> {
        let listener = TcpListener::bind((self.address, 0)).await?;
        let address = listener.local_addr()?;
        let (real, shutdown) = (self.real()?.address, self.shutdown.clone());
        self.shutdown.spawn(RELAY, async move {
            // Requests under way when it leaves are answered too, and nothing after them.
            let _ = timeout(time * 2, accept(listener, real, shutdown)).await;
        });
        self.stand(address, time).await
    }

    async fn stand(&self, address: SocketAddr, time: Duration) -> Result<()> {
        let node = Node { id: installation::ambient().id(), address, ..(*self.real()?).clone() };
        self.authority.register(&node).await?;
        sleep(time).await;
        self.authority.deregister(&node.key()).await?;
        Ok(())
    }

    /// Returns a node that serves well.
    fn real(&self) -> Result<Arc<Node>> {
        let view = self.discovery.view();
        let endpoint = view.service(SERVICE).and_then(|service| service.endpoints.first()).context("no node")?;
        Ok(Arc::clone(&endpoint.node))
    }
}

async fn accept(listener: TcpListener, real: SocketAddr, shutdown: Shutdown) {
    while let Ok((client, _)) = listener.accept().await {
        shutdown.spawn(RELAY, async move {
            // Either side may go; the other then sees it.
            let _ = relay(client, real).await;
        });
    }
}

async fn relay(client: TcpStream, real: SocketAddr) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_real, mut to_real) = TcpStream::connect(real).await?.into_split();
    let answers = async {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let count = from_real.read(&mut chunk).await?;
            sleep(DELAY).await;
            match chunk.get(..count) {
                None | Some([]) => return to_client.shutdown().await,
                Some(bytes) => to_client.write_all(bytes).await?,
            }
        }
    };
    tokio::try_join!(tokio::io::copy(&mut from_client, &mut to_real), answers).map(|_| ())
}
