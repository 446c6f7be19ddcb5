//! What can go wrong between nodes, where, and whether another try can help.

use std::{io, net::SocketAddr};

use base::{Code, Fault, error_codes};

use crate::{NodeKey, node::Invalid};

error_codes! {
    /// What a node says of itself breaks the rules.
    INVALID_NODE = "MSH-001", Invalid;
    /// Another process that is alive holds the address.
    ADDRESS_TAKEN = "MSH-002", Conflict;
    /// The registry holds as many nodes as it may.
    REGISTRY_FULL = "MSH-003", Unavailable;
    /// Whoever asks did not show the installation's secret.
    SECRET = "MSH-004", Unauthenticated;
    /// A request that the registry's address does not understand.
    REQUEST = "MSH-005", Invalid;
    /// The mesh could not do what was asked now.
    AWAY = "MSH-006", Unavailable;
    /// No node of this key, or no check of this name, is in the catalogue.
    NO_SUCH_NODE = "MSH-007", NotFound;
    /// An order for a node breaks the rules.
    INVALID_ORDER = "MSH-008", Invalid;
    /// A service of the installation is not for others to register, nor to serve unprotected.
    RESERVED = "MSH-009", Forbidden;
    /// No certificate can be issued for what was asked.
    CERTIFICATE = "MSH-010", Invalid;
    /// The connection does not show who is at its other end.
    STRANGER = "MSH-011", Forbidden;
}

/// A failure of the mesh.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No healthy node serves it.
    #[error("no node serves `{0}`")]
    NoNode(String),
    /// A node could not be connected to.
    #[error("could not connect to {address}")]
    Connect {
        /// The node's address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The connection to a node broke.
    #[error("the connection to {address} broke")]
    Broken {
        /// The node's address.
        address: SocketAddr,
        /// How it broke.
        source: hyper::Error,
    },
    /// As many connections to a node are open as are allowed.
    #[error("too many connections to {address}")]
    Exhausted {
        /// The node's address.
        address: SocketAddr,
    },
    /// As many calls to a service are under way as it can do.
    #[error("too many calls to `{0}` are under way")]
    Overloaded(String),
    /// The time allowed ran out.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than allowed.
    #[error("the answer is larger than {bytes_max} bytes")]
    TooLarge {
        /// How large it may be.
        bytes_max: usize,
    },
    /// The node may not join.
    #[error("the node may not join")]
    Invalid(#[from] Invalid),
    /// The registry holds as many nodes as it may.
    #[error("the registry is full")]
    Full,
    /// Another process, which is alive, listens there.
    #[error("`{address}` is held by {holder}, which renews its lease")]
    AddressTaken {
        /// The address.
        address: SocketAddr,
        /// Who holds it.
        holder: NodeKey,
    },
    /// The catalogue has no such node.
    #[error("no node {0} is in the registry")]
    NoSuchNode(NodeKey),
    /// The node has no such check, or none that waits for a word.
    #[error("{node} has no check `{check}` that waits for a word")]
    NoCheck {
        /// The node.
        node: NodeKey,
        /// The check.
        check: String,
    },
    /// What the operator wants of a node cannot be.
    #[error("the order cannot be followed")]
    Order(#[from] crate::registry::standing::Refused),
    /// What others keep at the registry cannot be so.
    #[error(transparent)]
    Pair(#[from] crate::registry::pairs::Refused),
    /// Others may not register it.
    #[error("`{0}` is a service of this installation, which only its own nodes serve")]
    Reserved(String),
    /// A node of ours that anybody could call, where only the installation's services may.
    #[error("a node of `{0}` has to take only connections that show who they are")]
    Unprotected(String),
    /// No certificate can be issued for what was asked.
    #[error("no certificate can be issued")]
    Certificate(#[from] crypto::certificate::Error),
    /// The certificate that was given is of no use.
    #[error("the certificate that was given cannot be used")]
    BadCertificate,
    /// The registry issues no certificates.
    #[error("the registry issues no certificates")]
    NoAuthority,
    /// The store that registries share cannot be reached.
    #[error("the registry's store is away")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The registry answered with an error.
    #[error("the registry answered {status}: {detail}")]
    Refused {
        /// Its HTTP status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// An answer of the registry could not be read.
    #[error("the registry's answer cannot be read")]
    Answer(#[source] serde_json::Error),
    /// An address could not be listened on.
    #[error("could not listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// Where a failure arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// At the node that was asked.
    Upstream,
    /// Here.
    Internal,
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::Invalid(_) => &INVALID_NODE,
            Self::AddressTaken { .. } => &ADDRESS_TAKEN,
            Self::Full => &REGISTRY_FULL,
            Self::NoSuchNode(_) | Self::NoCheck { .. } => &NO_SUCH_NODE,
            Self::Reserved(_) | Self::Unprotected(_) => &RESERVED,
            Self::Certificate(_) | Self::NoAuthority => &CERTIFICATE,
            Self::Order(_) => &INVALID_ORDER,
            Self::Pair(_) => &REQUEST,
            _ => &AWAY,
        }
    }
}

impl Error {
    /// Returns where it arose.
    pub fn origin(&self) -> Origin {
        match self {
            Self::Invalid(_) | Self::Listen { .. } | Self::Exhausted { .. } | Self::Overloaded(_) => Origin::Internal,
            _ => Origin::Upstream,
        }
    }

    /// Returns whether nothing of the request reached a node, so that any request may be tried again.
    pub fn never_sent(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Exhausted { .. } | Self::NoNode(_) | Self::Overloaded(_))
    }
}
