//! The numbers of this crate.

use runtime::metrics::{Counter, Family, Gauge};

/// Nodes with a live lease, by service; in the process that has the registry.
pub static REGISTERED: Family<Gauge> = Family::new("fpms_registry_nodes", "Nodes with a live lease.", &["service"]);
/// Leases that ran out because a node no longer renewed them.
pub static EXPIRED: Family<Counter> =
    Family::new("fpms_registry_leases_expired_total", "Leases that ran out unrenewed.", &["service"]);
/// Whether the registry answers this process: 1 or 0.
pub static CONNECTED: Family<Gauge> = Family::new("fpms_discovery_connected", "Whether the registry answers.", &[]);
/// Calls from service to service, by service and outcome.
pub static CALLS: Family<Counter> =
    Family::new("fpms_mesh_calls_total", "Calls from service to service.", &["service", "outcome"]);
/// Connections opened to nodes.
pub static CONNECTS: Family<Counter> =
    Family::new("fpms_mesh_connects_total", "Connections opened to nodes.", &["outcome"]);
/// What breakers and calls decided, by service and decision.
pub static DECISIONS: Family<Counter> =
    Family::new("fpms_mesh_decisions_total", "What breakers and calls decided.", &["service", "decision"]);
