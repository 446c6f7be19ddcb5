//! The numbers of messaging.

use runtime::metrics::{Counter, Family, Gauge};

/// Events that relays have put on the bus.
pub static PUBLISHED: Family<Counter> =
    Family::new("fpms_events_published_total", "Events put on the bus by outbox relays.", &["service"]);
/// Messages in a stream of NATS that are no events, and were passed over.
pub static FOREIGN: Family<Counter> =
    Family::new("fpms_events_foreign_total", "Messages that are no events, passed over.", &[]);
/// Events delivered to consumers, by what became of them: `handled`, `duplicate`, `parked`, `retried`, `dead`.
pub static DELIVERED: Family<Counter> =
    Family::new("fpms_events_delivered_total", "Events delivered to consumers, by outcome.", &["consumer", "outcome"]);
/// Events that a consumer could not handle yet.
pub static PARKED: Family<Gauge> =
    Family::new("fpms_events_parked", "Events that wait for another attempt.", &["consumer", "shard"]);
/// Age of the last event that a consumer handled, at the time of handling, in milliseconds.
pub static DELAY_MS: Family<Gauge> =
    Family::new("fpms_event_delay_ms", "Time from emission to handling of the last event.", &["consumer"]);
/// Steps of relays and consumers that failed because a database or the bus was away.
pub static FAILED_STEPS: Family<Counter> =
    Family::new("fpms_messaging_failed_steps_total", "Steps of relays and consumers that failed.", &["task"]);
