//! How the nodes of an installation find and reach each other.
//!
//! Owns the registry of nodes, the live view of them, the choice of one, its breaker, and the connections to it.
//! Never looks a node up on the request path: views are pushed. Never knows what a service does.
//! Start reading at [`Node`], then [`Registry`] -> [`Discovery`] -> [`balance`] -> [`pool`] -> [`Channel`].

#![warn(missing_docs)]

pub mod balance;
pub mod breaker;
pub mod budget;
pub mod channel;
pub mod concurrency;
pub mod decisions;
pub mod discovery;
pub mod error;
pub mod headers;
pub mod hedge;
pub mod hop;
pub mod metrics;
pub mod node;
pub mod pool;
pub mod registry;
pub mod small_writes;
pub mod tls;
pub mod upstream;

pub use self::{
    channel::Channel,
    discovery::Discovery,
    error::{CODES, Error},
    node::{Node, NodeId, NodeKey, Route},
    registry::{Authority, Registry},
};
