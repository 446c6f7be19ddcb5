//! What a node says of itself when it joins.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
};

use serde::{Deserialize, Serialize};

use crate::registry::checks::{Check, CheckError};

/// Most characters of a service's name.
pub const SERVICE_CHARS_MAX: usize = 64;
/// Most routes of one node.
pub const ROUTES_MAX: usize = 512;
/// Most characters of a route's prefix.
pub const PREFIX_CHARS_MAX: usize = 256;
/// Most entries of a node's metadata.
pub const METADATA_MAX: usize = 32;
/// Most characters of a key or value of the metadata.
pub const METADATA_CHARS_MAX: usize = 256;
/// Most checks of one node.
pub const CHECKS_MAX: usize = 8;

/// The entry of the metadata that says at which address the process answers probes and Prometheus, by plain HTTP.
pub const PROBES: &str = "probes";

base::id!(
    /// A running process.
    NodeId
);

/// One service served by one running process at one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The process. A process with several services joins once for each.
    pub id: NodeId,
    /// What it serves: lower case letters, digits and hyphens.
    pub service: String,
    /// Where it serves it.
    pub address: SocketAddr,
    /// Which paths the gateway is to bring here; none for a service that only other nodes call.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// Whatever else is worth knowing, for example the version.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// How the registry finds out whether it is well, beyond its lease.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Whether it takes only connections that show who they are; see [`crate::tls`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secured: bool,
    /// What keeps it in the catalogue.
    #[serde(default, skip_serializing_if = "Tenure::is_lease")]
    pub tenure: Tenure,
}

/// What keeps a node in the catalogue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Tenure {
    /// It renews a lease: the installation's own processes.
    #[default]
    Lease,
    /// Whoever registered it takes it out again: services of others, of which only their checks are known.
    Standing {
        /// After how long in a critical state it is taken out all the same, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        critical_ms_max: Option<u64>,
    },
}

/// What tells one node of the catalogue from every other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeKey {
    /// The service.
    pub service: String,
    /// The process.
    pub id: NodeId,
}

/// A path prefix that the gateway brings to a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// `/` or a prefix without a slash at its end. It covers itself and whatever follows after a slash.
    pub prefix: String,
    /// Largest request body in bytes, where the gateway's own limit does not suit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes_max: Option<u64>,
}

impl Route {
    /// Returns the route of `prefix`, with the gateway's limits.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), body_bytes_max: None }
    }

    /// Returns the same route with its own limit on request bodies.
    #[must_use]
    pub fn body_bytes_max(self, bytes: u64) -> Self {
        Self { body_bytes_max: Some(bytes), ..self }
    }
}

/// Why a node may not join.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The service's name breaks the rules.
    #[error("`{0}` is not the name of a service: 1 to 64 lower case letters, digits and hyphens")]
    Service(String),
    /// A prefix breaks the rules.
    #[error("`{0}` is not a route prefix: `/`, or `/` and segments without an empty one, `.`, `..`, `%` or `?`")]
    Prefix(String),
    /// Too many routes.
    #[error("a node has at most 512 routes")]
    Routes,
    /// Too much metadata.
    #[error("a node has at most 32 metadata entries of at most 256 characters")]
    Metadata,
    /// An address nobody can connect to.
    #[error("`{0}` is not an address that can be connected to")]
    Address(SocketAddr),
    /// Too many checks, or two of one name.
    #[error("a node has at most 8 checks, each with a name of its own")]
    Checks,
    /// A check breaks the rules.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl Tenure {
    /// Returns whether it is a lease.
    pub fn is_lease(&self) -> bool {
        *self == Self::Lease
    }
}

impl Node {
    /// Returns the node of `service` at `address`, without routes.
    pub fn new(id: NodeId, service: impl Into<String>, address: SocketAddr) -> Self {
        let (routes, metadata, checks) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { id, service: service.into(), address, routes, metadata, checks, secured: false, tenure: Tenure::Lease }
    }

    /// Returns the same node with these routes.
    #[must_use]
    pub fn routes(self, routes: impl IntoIterator<Item = Route>) -> Self {
        Self { routes: routes.into_iter().collect(), ..self }
    }

    /// Returns the same node with these checks.
    #[must_use]
    pub fn checks(self, checks: impl IntoIterator<Item = Check>) -> Self {
        Self { checks: checks.into_iter().collect(), ..self }
    }

    /// Returns the same node, which takes only connections that show who they are, if `secured`.
    #[must_use]
    pub fn secured(self, secured: bool) -> Self {
        Self { secured, ..self }
    }

    /// Returns the same node, whose process answers probes and Prometheus at `address`; unchanged when it does nowhere.
    #[must_use]
    pub fn probed_at(mut self, address: Option<SocketAddr>) -> Self {
        self.metadata.extend(address.map(|address| (PROBES.to_owned(), address.to_string())));
        self
    }

    /// Returns what tells it from every other.
    pub fn key(&self) -> NodeKey {
        NodeKey { service: self.service.clone(), id: self.id }
    }

    /// Checks the rules and bounds of every part.
    pub fn check(&self) -> Result<(), Invalid> {
        if !is_service_name(&self.service) {
            return Err(Invalid::Service(self.service.chars().take(SERVICE_CHARS_MAX).collect()));
        }
        if self.address.port() == 0 || self.address.ip().is_unspecified() || self.address.ip().is_multicast() {
            return Err(Invalid::Address(self.address));
        }
        if self.routes.len() > ROUTES_MAX {
            return Err(Invalid::Routes);
        }
        if let Some(route) = self.routes.iter().find(|route| !is_prefix(&route.prefix)) {
            return Err(Invalid::Prefix(route.prefix.chars().take(PREFIX_CHARS_MAX).collect()));
        }
        let long = |text: &String| text.chars().count() > METADATA_CHARS_MAX;
        if self.metadata.len() > METADATA_MAX || self.metadata.iter().any(|(key, value)| long(key) || long(value)) {
            return Err(Invalid::Metadata);
        }
        let names: BTreeSet<_> = self.checks.iter().map(|check| &check.name).collect();
        if self.checks.len() > CHECKS_MAX || names.len() != self.checks.len() {
            return Err(Invalid::Checks);
        }
        Ok(self.checks.iter().try_for_each(Check::check)?)
    }
}

impl fmt::Display for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.id)
    }
}

pub(crate) fn is_service_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=SERVICE_CHARS_MAX).contains(&name.len()) && name.bytes().all(allowed)
}

fn is_prefix(prefix: &str) -> bool {
    let Some(path) = prefix.strip_prefix('/') else {
        return false;
    };
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'%' | b'?' | b'#' | b'\\' | b';');
    let segment = |text: &str| !matches!(text, "" | "." | "..") && text.bytes().all(plain);
    prefix.len() <= PREFIX_CHARS_MAX && (path.is_empty() || path.split('/').all(segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node() -> Node {
        Node::new(NodeId::from_u128(1), "shop", "127.0.0.1:80".parse().unwrap())
    }

    #[test]
    fn only_plain_prefixes_are_routes() {
        for good in ["/", "/orders", "/api/v1/orders", "/.well-known", "/static"] {
            assert_eq!(node().routes([Route::new(good)]).check(), Ok(()), "{good}");
        }
        for bad in ["", "orders", "/orders/", "//", "/a//b", "/../a", "/a%2fb", "/a?b", "/a b", "/a;b"] {
            assert!(node().routes([Route::new(bad)]).check().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_and_addresses_have_rules() {
        for bad in ["", "Shop", "a_b", &"a".repeat(65)] {
            assert!(Node { service: bad.to_owned(), ..node() }.check().is_err(), "{bad}");
        }
        for bad in ["127.0.0.1:0", "0.0.0.0:80", "224.0.0.1:80"] {
            assert!(Node { address: bad.parse().unwrap(), ..node() }.check().is_err(), "{bad}");
        }
    }
}
