//! What happens to the nodes, as a stream: for the event bus, dashboards and alerts.
//!
//! Owns the kinds of event. Never waits for whoever listens: one who falls behind is told how many were missed.
//! Start reading at [`Event`].

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tracing::{info, warn};

use crate::{NodeKey, metrics};

/// How many events a listener may be behind.
pub const BEHIND_MAX: usize = 1_024;

/// Something that happened to a node, or to the registry as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// To which node; none when it concerns all.
    pub node: Option<NodeKey>,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A node came, or came with something new to say of itself.
    Joined,
    /// A node took its leave, or another process took its address.
    Left,
    /// A node did not renew its lease.
    Expired,
    /// Most nodes fell silent at once: leases are kept although they ran out.
    PreservationBegan,
    /// Leases end again when they run out.
    PreservationEnded,
}

impl Event {
    pub(super) fn new(kind: EventKind, node: NodeKey) -> Self {
        Self { kind, node: Some(node) }
    }

    pub(super) fn guard(on: bool) -> Self {
        Self { kind: if on { EventKind::PreservationBegan } else { EventKind::PreservationEnded }, node: None }
    }
}

impl EventKind {
    /// Returns its name in metrics and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Left => "left",
            Self::Expired => "expired",
            Self::PreservationBegan => "preservation-began",
            Self::PreservationEnded => "preservation-ended",
        }
    }
}

/// Logs and counts `event`, and passes it on to whoever listens.
pub(super) fn tell(listeners: &broadcast::Sender<Event>, event: Event) {
    metrics::EVENTS.with(&[event.kind.name()]).increment();
    match (&event.node, event.kind) {
        (Some(key), EventKind::Expired) => {
            warn!(node.service = %key.service, node.id = %key.id, "node did not renew its lease");
            metrics::EXPIRED.with(&[&key.service]).increment();
        }
        (Some(key), kind) => info!(node.service = %key.service, node.id = %key.id, event = kind.name(), "node changed"),
        (None, kind) => {
            warn!(event = kind.name(), "registry changed how it treats silent nodes");
            metrics::PRESERVING.with(&[]).set(i64::from(kind == EventKind::PreservationBegan));
        }
    }
    // Nobody listening is no failure.
    let _ = listeners.send(event);
}
