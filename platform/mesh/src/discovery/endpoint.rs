//! One node as this process sees it, and the way to it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    Error, Node,
    balance::{Load, Traits},
    metrics,
    registry::Member,
    tls::{Secure, Stream, dialer},
    upstream::Upstream,
};

/// A node as seen from here: what it said of itself, and how it does.
#[derive(Debug)]
pub struct Endpoint {
    /// What it said of itself.
    pub node: Arc<Node>,
    load: Load,
    serial: u64,
    by: Option<Arc<dyn Secure>>,
}

impl Endpoint {
    /// Returns the endpoint of a node of which nothing is known yet.
    pub fn new(node: Arc<Node>) -> Arc<Self> {
        Self::of(node, Upstream::alone(), None)
    }

    /// Returns the same, to which connections are secured by `by` when it wants that.
    pub(crate) fn secured(node: Arc<Node>, by: Option<Arc<dyn Secure>>) -> Arc<Self> {
        Self::of(node, Upstream::alone(), by)
    }

    /// Opens a connection to it within `limit`; one that shows who we are when it wants that.
    pub async fn connect(&self, limit: Duration) -> Result<Stream, Error> {
        let connected = timeout(limit, dialer::connect(&self.node, self.by.as_deref())).await;
        let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        metrics::CONNECTS.with(&[if connected.is_ok() { "opened" } else { "failed" }]).increment();
        connected.map_err(|source| Error::Connect { address: self.node.address, source })
    }

    /// Returns the endpoint of a node that is one of `upstream`.
    pub(super) fn of(node: Arc<Node>, upstream: Arc<Upstream>, by: Option<Arc<dyn Secure>>) -> Arc<Self> {
        static SERIAL: AtomicU64 = AtomicU64::new(1);
        let load = Load::new(node.id, upstream);
        Arc::new(Self { node, load, by, serial: SERIAL.fetch_add(1, Ordering::Relaxed) })
    }

    /// Returns how busy and how quick it is.
    pub fn load(&self) -> &Load {
        &self.load
    }

    /// Returns a number that no other endpoint of this process has or had.
    pub fn serial(&self) -> u64 {
        self.serial
    }
}

impl AsRef<Load> for Endpoint {
    fn as_ref(&self) -> &Load {
        &self.load
    }
}

/// An endpoint and how the registry says it stands.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) member: Arc<Member>,
}

impl Placed {
    /// Returns what balancing must know of it.
    pub(super) fn traits(&self) -> Traits<'_> {
        let (high, low) = base::Id::uuid(self.member.node.id).as_u64_pair();
        Traits { id: high ^ low, zone: self.member.zone(), weight: self.member.weight() }
    }
}
