//! What the platform decided about its own nodes: for operators, dashboards and alerts. They are the installation's, and so
//! of no tenant.

use base::{Event, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A registry saw nodes come, go, fall ill or get well, or was told so by an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeChanged {
    /// What happened: `joined`, `left`, `expired`, `fell`, `rose`, `convicted`, `acquitted`, `damped`, `undamped`,
    /// `ordered`, `preservation-began` or `preservation-ended`.
    pub change: String,
    /// The service of the node; absent when it concerns all nodes.
    #[serde(default)]
    pub service: Option<String>,
    /// The process; absent when it concerns all nodes.
    #[serde(default)]
    pub node: Option<Uuid>,
    /// The process whose registry saw it.
    pub seen_by: Uuid,
    pub changed_at: Timestamp,
}

impl Event for NodeChanged {
    const TYPE: &'static str = "installation.node.changed";

    fn key(&self) -> Uuid {
        self.node.unwrap_or_default()
    }
}

/// A process that calls others decided which of them it leaves alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrafficDecided {
    /// `opened`, `half_opened` and `closed` are a breaker's, `failed_over` sent a request to another node, and between
    /// `panic_began` and `panic_ended` no breaker of the service is heeded.
    pub decision: String,
    /// The service that is called.
    pub service: String,
    /// The node; absent when it concerns all of the service.
    #[serde(default)]
    pub node: Option<Uuid>,
    /// How often it was decided within a moment; more than once only for requests that were sent to another node.
    pub count: u32,
    /// Milliseconds until a breaker that opened is probed.
    #[serde(default)]
    pub open_ms: Option<u64>,
    /// The process that decided.
    pub decided_by: Uuid,
    pub decided_at: Timestamp,
}

impl Event for TrafficDecided {
    const TYPE: &'static str = "installation.traffic.decided";

    fn key(&self) -> Uuid {
        self.node.unwrap_or_default()
    }
}
