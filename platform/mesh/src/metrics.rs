//! The numbers of this crate.

use runtime::metrics::{Counter, Family, Gauge};

/// Nodes with a live lease, by service; in the process that has the registry.
pub static REGISTERED: Family<Gauge> = Family::new("fpms_registry_nodes", "Nodes with a live lease.", &["service"]);
/// Leases that ran out because a node no longer renewed them.
pub static EXPIRED: Family<Counter> =
    Family::new("fpms_registry_leases_expired_total", "Leases that ran out unrenewed.", &["service"]);
/// What happened to nodes and to the registry, by kind of event.
pub static EVENTS: Family<Counter> =
    Family::new("fpms_registry_events_total", "What happened to nodes and to the registry.", &["event"]);
/// Whether leases are kept although they ran out, because most nodes fell silent at once: 1 or 0.
pub static PRESERVING: Family<Gauge> =
    Family::new("fpms_registry_preserving", "Whether leases are kept although they ran out.", &[]);
/// Whether the registry answers this process: 1 or 0.
pub static CONNECTED: Family<Gauge> = Family::new("fpms_discovery_connected", "Whether the registry answers.", &[]);
/// Calls from service to service, by service and outcome.
pub static CALLS: Family<Counter> =
    Family::new("fpms_mesh_calls_total", "Calls from service to service.", &["service", "outcome"]);
/// Connections opened to nodes.
pub static CONNECTS: Family<Counter> =
    Family::new("fpms_mesh_connects_total", "Connections opened to nodes.", &["outcome"]);
/// Connections that showed, or did not show, that they may call.
pub static HANDSHAKES: Family<Counter> =
    Family::new("fpms_mesh_handshakes_total", "Connections from others, by whether they may call.", &["outcome"]);
/// What breakers and calls decided, by service and decision.
pub static DECISIONS: Family<Counter> =
    Family::new("fpms_mesh_decisions_total", "What breakers and calls decided.", &["service", "decision"]);
/// Requests sent again, by service and reason: `retry`, `hedge`; and `hedge_won` for hedges that were answered first.
pub static REPEATED: Family<Counter> =
    Family::new("fpms_mesh_repeated_total", "Requests sent again, as a retry or a hedge.", &["service", "reason"]);
