//! TLS to places outside: who each of them must be, and who we are to it.
//!
//! Owns what is needed for a handshake with the route file's upstreams, read again when files change and kept when what
//! they hold is wrong. Never goes on with a place that could not show that it is the one. Start reading at
//! `Outside::secure`; `Places::of` is what a route file asks for.

use std::{
    collections::HashMap,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use arc_swap::ArcSwap;
use base::{Code, Fault};
use futures_util::{FutureExt, future::BoxFuture};
use mesh::{
    Node,
    tls::{Secure, Stream},
};
use parking_lot::Mutex;
use rustls::{ClientConfig, HandshakeKind, RootCertStore, pki_types::ServerName, sign::SingleCertAndKey};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tracing::{error, info, warn};

use crate::{
    metrics,
    routes::file::{File, Protocol, Security, Upstream},
    stamp::Stamp,
    tls::{self, H2, HTTP_1_1, Pair, provider},
};

mod roots;

/// What a node's metadata holds the mark of its place by.
const MARK: &str = "tls";

/// Why a route file's upstream cannot be spoken to.
#[derive(Debug, thiserror::Error)]
#[error("upstream `{upstream}` cannot be spoken to by TLS")]
pub struct Error {
    upstream: String,
    source: tls::Error,
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        self.source.code()
    }
}

/// The places of the route file in force.
#[derive(Debug, Default)]
pub(crate) struct Outside(ArcSwap<Places>);

/// The places of one route file that are spoken to by TLS, by the names of their upstreams.
#[derive(Debug, Default)]
pub(crate) struct Places(HashMap<String, Arc<Place>>);

/// A place, and what it takes to speak to it.
struct Place {
    /// No other place has or had it; its nodes bear it, so that none is connected to by the demands of another file.
    mark: String,
    security: Security,
    protocol: Protocol,
    server_name: ServerName<'static>,
    config: ArcSwap<ClientConfig>,
    /// What its files looked like when they were last read.
    stamps: Mutex<Vec<Option<Stamp>>>,
    /// Whether the last handshake failed, which is told of once.
    failing: AtomicBool,
}

/// Returns whether a connection failed because the other side could not show who it is, or did not agree on how.
pub(crate) fn is_disagreement(error: &io::Error) -> bool {
    let Some(source) = error.get_ref() else { return false };
    source.is::<rustls::Error>()
}

impl Outside {
    /// Returns the places in force.
    pub(crate) fn places(&self) -> Arc<Places> {
        self.0.load_full()
    }

    /// Puts `places` in force.
    pub(crate) fn set(&self, places: Places) {
        self.0.store(Arc::new(places));
    }

    /// Reads those files again that have changed; what does not fit is told of once, and what was before stays.
    pub(crate) fn look(&self) {
        for (name, place) in &self.0.load().0 {
            place.look(name);
        }
    }
}

impl Secure for Outside {
    fn secure<'a>(&'a self, stream: TcpStream, node: &'a Node) -> BoxFuture<'a, io::Result<Stream>> {
        let places = self.0.load();
        let place = places.0.get(&node.service).filter(|place| node.metadata.get(MARK) == Some(&place.mark)).cloned();
        async move {
            // A request that began before the file changed may still be on its way to one that is gone.
            let place = place.ok_or(io::ErrorKind::NotFound)?;
            let secured = place.shake_hands(stream).await;
            place.tell(&node.service, &secured);
            Ok(Stream::Secured(Box::new(secured?.into())))
        }
        .boxed()
    }
}

impl Places {
    /// Reads what the upstreams of `file` ask for; those that are as `before` are taken over as they are.
    pub(crate) fn of(file: &File, before: &Self) -> Result<Self, Error> {
        let mut places = HashMap::new();
        let mut system = None;
        for upstream in &file.upstreams {
            let Some(security) = &upstream.tls else { continue };
            let same = before.0.get(&upstream.name).filter(|place| place.is(upstream, security));
            let place = match same {
                Some(place) => Arc::clone(place),
                None => Arc::new(Place::read(upstream, security, &mut system)?),
            };
            places.insert(upstream.name.clone(), place);
        }
        Ok(Self(places))
    }

    /// Returns `node` as one that is connected to as its upstream asks for.
    pub(crate) fn mark(&self, mut node: Node) -> Node {
        if let Some(place) = self.0.get(&node.service) {
            node.secured = true;
            node.metadata.insert(MARK.to_owned(), place.mark.clone());
        }
        node
    }
}

impl Place {
    fn read(upstream: &Upstream, security: &Security, system: &mut Option<Arc<RootCertStore>>) -> Result<Self, Error> {
        static SERIAL: AtomicU64 = AtomicU64::new(1);
        let error = |source| Error { upstream: upstream.name.clone(), source };
        let stamps = security.stamps();
        let nameless = || tls::Error::Malformed { path: Path::new("").into(), expected: "server name" };
        let server_name = security.server_name().ok_or_else(nameless).map_err(error)?;
        Ok(Self {
            mark: SERIAL.fetch_add(1, Relaxed).to_string(),
            config: ArcSwap::from(config(security.files(), upstream.protocol, system).map_err(error)?),
            security: security.clone(),
            protocol: upstream.protocol,
            server_name,
            stamps: Mutex::new(stamps),
            failing: AtomicBool::new(false),
        })
    }

    fn is(&self, upstream: &Upstream, security: &Security) -> bool {
        self.protocol == upstream.protocol && self.security == *security
    }

    async fn shake_hands(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let connector = TlsConnector::from(self.config.load_full());
        let stream = connector.connect(self.server_name.clone(), stream).await?;
        // A place that says nothing of it speaks HTTP/1.1.
        if self.protocol == Protocol::Http2 && stream.get_ref().1.alpn_protocol() != Some(H2) {
            return Err(io::Error::other(rustls::Error::NoApplicationProtocol));
        }
        Ok(stream)
    }

    /// Counts a handshake, and tells of the first that fails and of the first that does not.
    fn tell(&self, name: &str, secured: &io::Result<TlsStream<TcpStream>>) {
        let outcome = match secured {
            Ok(stream) if stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed) => "resumed",
            Ok(_) => "full",
            Err(_) => "failed",
        };
        metrics::UPSTREAM_HANDSHAKES.with(&[outcome]).increment();
        match secured {
            Ok(_) if self.failing.swap(false, Relaxed) => info!(upstream.name = name, "TLS to an upstream works again"),
            Err(error) if !self.failing.swap(true, Relaxed) => {
                let expected = self.security.server_name.as_str();
                warn!(upstream.name = name, upstream.server_name = expected, %error, "TLS to an upstream fails");
            }
            _ => {}
        }
    }

    fn look(&self, name: &str) {
        let stamps = self.security.stamps();
        let mut known = self.stamps.lock();
        if *known == stamps {
            return;
        }
        *known = stamps;
        match config(self.security.files(), self.protocol, &mut None) {
            Ok(config) => {
                info!(upstream.name = name, "certificates for an upstream read again");
                metrics::CERTIFICATES.with(&["taken"]).increment();
                self.config.store(config);
            }
            Err(error) => {
                let error = runtime::chain(&error);
                error!(upstream.name = name, error, "certificates for an upstream are kept out, those before stay");
                metrics::CERTIFICATES.with(&["refused"]).increment();
            }
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Place({:?})", self.server_name)
    }
}

impl Security {
    /// Returns the same with files looked for below `folder` unless their paths are absolute.
    #[must_use]
    pub(crate) fn below(self, folder: &Path) -> Self {
        Self {
            authorities: self.authorities.map(|path| folder.join(path)),
            certificate: self.certificate.map(|pair| pair.below(folder)),
            ..self
        }
    }

    fn files(&self) -> (Option<&Path>, Option<&Pair>) {
        (self.authorities.as_deref(), self.certificate.as_ref())
    }

    fn stamps(&self) -> Vec<Option<Stamp>> {
        let pair = self.certificate.as_ref().map(|pair| [pair.certificate.as_path(), &pair.key]);
        self.authorities.as_deref().into_iter().chain(pair.into_iter().flatten()).map(Stamp::of).collect()
    }
}

/// Reads what a handshake needs: who may vouch for the other side, and what is shown to it. The machine's own authorities
/// are read once for all who want them.
pub(crate) fn config(
    (authorities, certificate): (Option<&Path>, Option<&Pair>),
    protocol: Protocol,
    system: &mut Option<Arc<RootCertStore>>,
) -> Result<Arc<ClientConfig>, tls::Error> {
    let roots = match (authorities, system.as_ref()) {
        (Some(path), _) => Arc::new(roots::read(path)?),
        (None, Some(roots)) => Arc::clone(roots),
        (None, None) => Arc::clone(system.insert(Arc::new(roots::of_this_machine()?))),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider()));
    let builder = builder.with_protocol_versions(tls::VERSIONS).map_err(|_| tls::unsupported())?;
    let builder = builder.with_root_certificates(roots);
    let mut config = match certificate {
        None => builder.with_no_client_auth(),
        Some(pair) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair.load()?.key))),
    };
    config.alpn_protocols = match protocol {
        Protocol::Http1 => vec![HTTP_1_1.to_vec()],
        Protocol::Http2 => vec![H2.to_vec()],
    };
    Ok(Arc::new(config))
}
