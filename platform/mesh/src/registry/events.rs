//! What happens to the nodes, as a stream: for the event bus, dashboards and alerts.
//!
//! Owns the kinds of event. Never waits for whoever listens: one who falls behind is told how many were missed.
//! Start reading at [`Event`].

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tracing::{info, warn};

use super::{Standing, checks::Health};
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
    /// A node's checks say that it cannot serve.
    Fell,
    /// A node's checks say that it can serve again.
    Rose,
    /// Enough of a node's callers say that it fails.
    Convicted,
    /// What a node's callers said no longer counts.
    Acquitted,
    /// A node came and went too often and is left out for a while.
    Damped,
    /// A node that was left out for coming and going is let in again.
    Undamped,
    /// The operator wants something else of a node.
    Ordered,
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
            Self::Fell => "fell",
            Self::Rose => "rose",
            Self::Convicted => "convicted",
            Self::Acquitted => "acquitted",
            Self::Damped => "damped",
            Self::Undamped => "undamped",
            Self::Ordered => "ordered",
            Self::PreservationBegan => "preservation-began",
            Self::PreservationEnded => "preservation-ended",
        }
    }
}

/// Returns what it means that a node stood like `before` and stands like `after`.
pub(super) fn differences(key: &NodeKey, before: &Standing, after: &Standing) -> Vec<Event> {
    let ill = |standing: &Standing| standing.health == Health::Critical;
    let turns = [
        (ill(before), ill(after), EventKind::Fell, EventKind::Rose),
        (before.convicted, after.convicted, EventKind::Convicted, EventKind::Acquitted),
        (before.damped, after.damped, EventKind::Damped, EventKind::Undamped),
    ];
    let turned = turns.into_iter().filter(|(before, after, ..)| before != after);
    let kinds = turned.map(|(_, on, worse, better)| if on { worse } else { better });
    let ordered = (before.order != after.order).then_some(EventKind::Ordered);
    kinds.chain(ordered).map(|kind| Event::new(kind, key.clone())).collect()
}

/// Logs and counts `event`, and passes it on to whoever listens.
pub(super) fn tell(listeners: &broadcast::Sender<Event>, event: Event) {
    metrics::EVENTS.with(&[event.kind.name()]).increment();
    match (&event.node, event.kind) {
        (Some(key), EventKind::Expired) => {
            warn!(node.service = %key.service, node.id = %key.id, "node did not renew its lease");
            metrics::EXPIRED.with(&[&key.service]).increment();
        }
        (Some(key), kind @ (EventKind::Fell | EventKind::Convicted | EventKind::Damped)) => {
            warn!(node.service = %key.service, node.id = %key.id, event = kind.name(), "node is passed over");
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
