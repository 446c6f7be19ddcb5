//! Where the gateway listens, which can change while it runs.
//!
//! Owns the listening sockets and what connections to each get: TLS, HTTP/2 in the clear, or a redirect to https.
//! Never touches a connection. Start reading at `Listeners::apply`: new addresses are bound and certificates read
//! before anything changes, so that what cannot be done changes nothing; `sockets` binds.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use arc_swap::ArcSwap;
use base::{Code, Fault, error_codes};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tracing::info;

use crate::{
    settings,
    tls::{self, Pair, Tls},
};

mod sockets;

error_codes! {
    /// A file of a certificate or key cannot be read.
    UNREADABLE = "LSN-001", Invalid;
    /// A file holds no certificate or key that can be used.
    MALFORMED = "LSN-002", Invalid;
    /// A certificate and a key do not belong together.
    MISMATCH = "LSN-003", Invalid;
    /// An address cannot be listened on.
    ADDRESS = "LSN-004", Unavailable;
    /// Nobody is trusted to vouch for places outside.
    NO_AUTHORITIES = "LSN-005", Invalid;
}

/// Where connections are taken in, and what they get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// What it is called in logs.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// The certificates of TLS, the first for clients that ask for no name or for an unknown one; none for plain HTTP.
    #[serde(default, rename = "certificate")]
    pub certificates: Vec<Pair>,
    /// Whether HTTP/2 is taken without TLS from clients that begin with it.
    #[serde(default)]
    pub h2c: bool,
    /// The port of https to which every request is led, instead of answering it.
    pub redirect_to_https: Option<u16>,
}

/// Why the listeners cannot be what they are to be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address cannot be listened on.
    #[error("could not listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// A certificate cannot be used.
    #[error("listener `{listener}` cannot speak TLS")]
    Certificate {
        /// The listener.
        listener: String,
        /// Why not.
        source: tls::Error,
    },
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::Listen { .. } => &ADDRESS,
            Self::Certificate { source, .. } => source.code(),
        }
    }
}

/// All listeners.
pub(crate) struct Listeners {
    open: watch::Sender<Vec<Arc<Open>>>,
    workers: usize,
    settings: settings::Tls,
}

/// A listener that is open.
pub(crate) struct Open {
    /// Where it really listens.
    pub(crate) address: SocketAddr,
    /// What connections get from now on.
    pub(crate) manner: ArcSwap<Manner>,
    wanted: SocketAddr,
    /// A socket for each worker, until it has taken it.
    sockets: Mutex<Vec<Option<std::net::TcpListener>>>,
}

/// What a connection gets.
pub(crate) struct Manner {
    /// TLS, unless it is plain.
    pub(crate) tls: Option<Tls>,
    /// Whether HTTP/2 is taken without TLS.
    pub(crate) h2c: bool,
    /// The port to which requests are led.
    pub(crate) redirect: Option<u16>,
    /// What it was made from.
    listener: Listener,
}

impl Listeners {
    /// Returns none yet, for so many workers.
    pub(crate) fn new(workers: usize, settings: settings::Tls) -> Self {
        Self { open: watch::Sender::new(Vec::new()), workers, settings }
    }

    /// Returns a channel of the listeners that are open, for workers.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Vec<Arc<Open>>> {
        self.open.subscribe()
    }

    /// Returns the names and addresses of the listeners that are open.
    pub(crate) fn addresses(&self) -> Vec<(String, SocketAddr)> {
        self.open.borrow().iter().map(|open| (open.manner.load().listener.name.clone(), open.address)).collect()
    }

    /// Opens and closes listeners until they are `wanted`. When one of them cannot be opened, nothing changes.
    pub(crate) fn apply(&self, wanted: &[Listener]) -> Result<(), Error> {
        let before = self.open.borrow().clone();
        let mut after = Vec::with_capacity(wanted.len());
        let mut changed = Vec::new();
        for listener in wanted {
            let free = |open: &&Arc<Open>| !after.iter().any(|other| Arc::ptr_eq(open, other));
            let found = before.iter().filter(free).find(|open| open.wanted == listener.address);
            let same = found.filter(|open| open.manner.load().listener == *listener);
            match (same, found) {
                (Some(open), _) => after.push(Arc::clone(open)),
                (None, Some(open)) => {
                    changed.push((Arc::clone(open), Arc::new(self.manner(listener)?)));
                    after.push(Arc::clone(open));
                }
                (None, None) => after.push(Arc::new(self.bind(listener)?)),
            }
        }
        for (open, manner) in changed {
            info!(listener.name = manner.listener.name, listener.address = %open.address, "listener changed");
            open.manner.store(manner);
        }
        tell(&before, &after);
        self.open.send_replace(after);
        Ok(())
    }

    /// Reads certificates again whose files have changed.
    pub(crate) fn look(&self) {
        for open in self.open.borrow().iter() {
            if let Some(tls) = &open.manner.load().tls {
                tls.look();
            }
        }
    }

    fn bind(&self, listener: &Listener) -> Result<Open, Error> {
        let manner = self.manner(listener)?;
        let error = |source| Error::Listen { address: listener.address, source };
        let sockets = sockets::bind(listener.address, self.workers).map_err(error)?;
        let address = sockets.first().map_or(Ok(listener.address), std::net::TcpListener::local_addr).map_err(error)?;
        Ok(Open {
            address,
            manner: ArcSwap::from_pointee(manner),
            wanted: listener.address,
            sockets: Mutex::new(sockets.into_iter().map(Some).collect()),
        })
    }

    fn manner(&self, listener: &Listener) -> Result<Manner, Error> {
        let certificate = |source| Error::Certificate { listener: listener.name.clone(), source };
        let tls = match listener.certificates.as_slice() {
            [] => None,
            pairs => Some(Tls::open(pairs, &self.settings).map_err(certificate)?),
        };
        let Listener { h2c, redirect_to_https: redirect, .. } = *listener;
        Ok(Manner { tls, h2c, redirect, listener: listener.clone() })
    }
}

fn tell(before: &[Arc<Open>], after: &[Arc<Open>]) {
    let missing = |open: &&Arc<Open>, list: &[Arc<Open>]| !list.iter().any(|other| Arc::ptr_eq(open, other));
    for open in before.iter().filter(|open| missing(open, after)) {
        info!(listener.name = open.manner.load().listener.name, listener.address = %open.address, "listener closes");
    }
    for open in after.iter().filter(|open| missing(open, before)) {
        info!(listener.name = open.manner.load().listener.name, listener.address = %open.address, "listener opened");
    }
}

impl Open {
    /// Gives a worker its socket, once.
    pub(crate) fn take_socket(&self, worker: usize) -> Option<std::net::TcpListener> {
        self.sockets.lock().get_mut(worker)?.take()
    }
}

impl Listener {
    /// Returns a plain listener.
    pub fn plain(name: &str, address: SocketAddr) -> Self {
        Self { name: name.to_owned(), address, certificates: Vec::new(), h2c: false, redirect_to_https: None }
    }

    /// Returns the same with files looked for below `folder` unless their paths are absolute.
    #[must_use]
    pub(crate) fn below(mut self, folder: &Path) -> Self {
        self.certificates = self.certificates.into_iter().map(|pair| pair.below(folder)).collect();
        self
    }

    /// Reads its certificates as opening it would.
    pub fn check(&self) -> Result<(), Error> {
        let certificate = |source| Error::Certificate { listener: self.name.clone(), source };
        self.certificates.iter().try_for_each(Pair::check).map_err(certificate)
    }
}
