//! TLS of a listener: which certificate a client gets, and the handshake.
//!
//! Owns the certificates in force; they are read again when their files change, and kept as they are when the new ones
//! do not fit. Never drops a connection for it. Start reading at `Tls::open`; `pair` reads files, `names` chooses.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use arc_swap::ArcSwap;
use base::{Code, Fault};
use parking_lot::Mutex;
use rustls::{
    HandshakeKind, ServerConfig, SupportedProtocolVersion,
    crypto::{CryptoProvider, aws_lc_rs},
    server::{ClientHello, ResolvesServerCert, ServerSessionMemoryCache},
    sign::CertifiedKey,
};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpStream, sync::Semaphore, time::Instant};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tracing::{debug, error, info};

use self::{names::Names, pair::Loaded};
use crate::{listeners, metrics, settings, stamp::Stamp};

mod names;
mod pair;

pub(crate) use self::pair::read_file;

/// HTTP/2 as it is named in a handshake.
pub(crate) const H2: &[u8] = b"h2";
/// HTTP/1.1 as it is named in a handshake.
pub(crate) const HTTP_1_1: &[u8] = b"http/1.1";
/// The versions that are spoken, both ways.
pub(crate) const VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];
/// Sessions of clients without tickets that can be resumed.
const SESSIONS_MAX: usize = 4_096;

/// The files of a certificate and of its key, as PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The certificate, then those that lead to the root.
    #[serde(rename = "file")]
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file holds nothing that can be used.
    #[error("`{}` holds no {expected} that can be used", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The key is of another certificate.
    #[error("the key `{}` does not belong to the certificate `{}`", key.display(), certificate.display())]
    Mismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// This machine trusts nobody.
    #[error("this machine has no authorities that it trusts")]
    NoAuthorities,
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unreadable { .. } => &listeners::UNREADABLE,
            Self::Malformed { .. } => &listeners::MALFORMED,
            Self::Mismatch { .. } => &listeners::MISMATCH,
            Self::NoAuthorities => &listeners::NO_AUTHORITIES,
        }
    }
}

/// TLS of one listener.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    handshake_max: Duration,
    pairs: Mutex<Vec<InForce>>,
    names: Arc<Resolver>,
}

/// A pair of files, and what they held when they last fitted.
struct InForce {
    pair: Pair,
    stamps: (Option<Stamp>, Option<Stamp>),
    loaded: Loaded,
}

/// Chooses a certificate for each handshake.
#[derive(Debug)]
struct Resolver(ArcSwap<Names>);

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.load().find(hello.server_name(), hello.signature_schemes())
    }
}

/// Returns the one implementation of cryptography that we use.
pub(crate) fn provider() -> &'static Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(aws_lc_rs::default_provider()))
}

/// Returns the error for versions that the provider has not; it has both.
pub(crate) fn unsupported() -> Error {
    Error::Malformed { path: PathBuf::new(), expected: "version of TLS" }
}

impl Tls {
    /// Reads the certificates; the first is the one for clients that ask for no name, or for one that none has.
    pub(crate) fn open(pairs: &[Pair], settings: &settings::Tls) -> Result<Self, Error> {
        let pairs = pairs.iter().cloned().map(InForce::read).collect::<Result<Vec<_>, _>>()?;
        let names = Arc::new(Resolver(ArcSwap::from_pointee(Names::of(pairs.iter().map(|pair| &pair.loaded)))));
        let config = ServerConfig::builder_with_provider(Arc::clone(provider()));
        let config = config.with_protocol_versions(VERSIONS).map_err(|_| unsupported())?;
        let mut config = config.with_no_client_auth().with_cert_resolver(Arc::clone(&names) as Arc<_>);
        config.alpn_protocols = vec![H2.to_vec(), HTTP_1_1.to_vec()];
        config.session_storage = ServerSessionMemoryCache::new(SESSIONS_MAX);
        if let Ok(ticketer) = aws_lc_rs::Ticketer::new() {
            config.ticketer = ticketer;
        }
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            handshake_max: Duration::from_millis(settings.handshake_ms),
            pairs: Mutex::new(pairs),
            names,
        })
    }

    /// Shakes hands when it is this connection's turn; `None` when the client did not, which is counted.
    pub(crate) async fn accept(&self, stream: TcpStream, turns: &Semaphore) -> Option<TlsStream<TcpStream>> {
        let started = Instant::now();
        let handshake = async {
            // The turns of a worker end with it, never before.
            let _turn = turns.acquire().await;
            self.acceptor.accept(stream).await
        };
        let (outcome, stream) = match tokio::time::timeout(self.handshake_max, handshake).await {
            Ok(Ok(stream)) => {
                metrics::HANDSHAKE_DURATION.with(&[]).observe_duration(started.elapsed());
                let resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
                (if resumed { "resumed" } else { "full" }, Some(stream))
            }
            Ok(Err(error)) => {
                debug!(%error, "a client could not agree on TLS");
                ("failed", None)
            }
            Err(_) => ("timeout", None),
        };
        metrics::HANDSHAKES.with(&[outcome]).increment();
        stream
    }

    /// Reads those pairs again whose files have changed; what does not fit is told of once, and the one before stays.
    pub(crate) fn look(&self) {
        let mut pairs = self.pairs.lock();
        let mut changed = false;
        for pair in pairs.iter_mut() {
            changed |= pair.look();
        }
        if changed {
            self.names.0.store(Arc::new(Names::of(pairs.iter().map(|pair| &pair.loaded))));
        }
    }
}

impl InForce {
    fn read(pair: Pair) -> Result<Self, Error> {
        let stamps = pair.stamps();
        let loaded = pair.load()?;
        Ok(Self { pair, stamps, loaded })
    }

    fn look(&mut self) -> bool {
        let stamps = self.pair.stamps();
        if stamps == self.stamps {
            return false;
        }
        self.stamps = stamps;
        let file = self.pair.certificate.display();
        match self.pair.load() {
            Ok(loaded) => {
                info!(certificate.file = %file, "certificate read again");
                metrics::CERTIFICATES.with(&["taken"]).increment();
                self.loaded = loaded;
                true
            }
            Err(error) => {
                error!(certificate.file = %file, error = %runtime::chain(&error), "certificate is kept out, the one before stays in force");
                metrics::CERTIFICATES.with(&["refused"]).increment();
                false
            }
        }
    }
}
