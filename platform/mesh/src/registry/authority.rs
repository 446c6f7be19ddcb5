//! What every registry can do, and the words for it: the one in this process, and one that is asked over HTTP.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{Member, Order, Verdict};
use crate::{
    Error, Node, NodeKey,
    tls::{Certificate, CertificateRequest},
};

/// How long a watcher is left waiting when nothing changes.
pub const WATCH_MAX: Duration = Duration::from_secs(25);

/// What every registry can do, be it in this process or another.
pub trait Authority: Send + Sync + 'static {
    /// Enters a node into the catalogue, or replaces its entry, and grants it a lease.
    fn register<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, Result<Lease, Error>>;

    /// Renews leases; returns those that are not in the catalogue and have to be registered again.
    fn renew<'a>(&'a self, keys: &'a [NodeKey]) -> BoxFuture<'a, Result<Vec<NodeKey>, Error>>;

    /// Takes a node out of the catalogue.
    fn deregister<'a>(&'a self, key: &'a NodeKey) -> BoxFuture<'a, Result<(), Error>>;

    /// Takes in what a process says of a node that it calls.
    fn report<'a>(&'a self, verdict: &'a Verdict) -> BoxFuture<'a, Result<(), Error>>;

    /// Sets what the operator wants of a node.
    fn order<'a>(&'a self, key: &'a NodeKey, order: &'a Order) -> BoxFuture<'a, Result<(), Error>>;

    /// Issues a certificate to a process of the installation.
    fn certify<'a>(&'a self, request: &'a CertificateRequest) -> BoxFuture<'a, Result<Certificate, Error>>;

    /// Waits until the catalogue is no longer what it was at `seen`, or for at most [`WATCH_MAX`]; returns what changed.
    fn watch(&self, seen: Option<Version>) -> BoxFuture<'_, Result<Changes, Error>>;
}

/// The right to stay in the catalogue for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// For how long, in milliseconds from when it was granted.
    pub lease_ms: u64,
}

/// A state of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Which run of the registry; numbers of different runs cannot be compared.
    pub incarnation: u64,
    /// Grows with every change.
    pub number: u64,
}

/// How the catalogue came from one version to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The version it is at now.
    pub version: Version,
    /// Whether `nodes` are all there are, rather than those that came or changed.
    pub complete: bool,
    /// Nodes that are there, and how they stand.
    pub nodes: Vec<Arc<Member>>,
    /// Nodes that are gone.
    pub gone: Vec<NodeKey>,
}
