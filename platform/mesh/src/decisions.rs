//! What the mesh decided, as it happens: a bounded stream for events, and a line in the log.
//!
//! Owns the stream of this process. Never waits for whoever listens: a slow listener misses the oldest and is told how many.
//! Start reading at [`Decision`].

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use tokio::sync::broadcast;
use tracing::{debug, info, warn};

use crate::{NodeId, metrics};

/// Most decisions that wait for a listener.
pub const WAITING_MAX: usize = 1_024;

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The service it is about.
    pub service: Arc<str>,
    /// The node it is about.
    pub node: Option<NodeId>,
    /// What was decided.
    pub what: What,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A node's breaker opened: it gets no traffic.
    Opened {
        /// Until it is probed.
        open_for: Duration,
    },
    /// A node with an open breaker is probed by one request.
    HalfOpened,
    /// A node's breaker closed: it gets traffic again.
    Closed,
    /// A request was sent to another node because this one failed.
    FailedOver,
    /// So many breakers of the service are open that none is heeded.
    PanicBegan,
    /// The breakers of the service are heeded again.
    PanicEnded,
}

static STREAM: LazyLock<broadcast::Sender<Decision>> = LazyLock::new(|| broadcast::Sender::new(WAITING_MAX));

/// Returns the stream of decisions from now on.
pub fn subscribe() -> broadcast::Receiver<Decision> {
    STREAM.subscribe()
}

/// Counts and logs a decision and tells whoever listens.
pub fn tell(decision: Decision) {
    let (service, node) = (&*decision.service, decision.node.map(|node| node.to_string()).unwrap_or_default());
    metrics::DECISIONS.with(&[service, decision.what.name()]).increment();
    match decision.what {
        What::PanicBegan => warn!(service.name = service, "most nodes fail, breakers are not heeded"),
        What::PanicEnded => info!(service.name = service, "breakers are heeded again"),
        What::Opened { open_for } => {
            let open_ms = u64::try_from(open_for.as_millis()).unwrap_or(u64::MAX);
            warn!(service.name = service, node.id = node, open_ms, "node fails and is left alone");
        }
        What::Closed => info!(service.name = service, node.id = node, "node answers again"),
        What::HalfOpened | What::FailedOver => {
            debug!(service.name = service, node.id = node, decision = decision.what.name(), "mesh decided");
        }
    }
    // Nobody may be listening.
    let _ = STREAM.send(decision);
}

impl What {
    /// Returns the name that metrics and events carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::HalfOpened => "half_opened",
            Self::Closed => "closed",
            Self::FailedOver => "failed_over",
            Self::PanicBegan => "panic_began",
            Self::PanicEnded => "panic_ended",
        }
    }
}
