//! The numbers of this crate.

use runtime::metrics::{Counter, Family, Gauge};

/// Whether the shared engine is there: 1, or 0.
pub static SHARED_CONNECTED: Family<Gauge> =
    Family::new("fpms_cache_shared_connected", "Whether the shared engine is there.", &[]);
/// Calls to the shared engine, by outcome: `answered`, or `away` when it did not answer in time or was not there.
pub static SHARED_CALLS: Family<Counter> =
    Family::new("fpms_cache_shared_calls_total", "Calls to the shared engine.", &["outcome"]);
/// Looks for kept readings, by cache and outcome: `hit`, `outdated` or `miss`.
pub static READINGS: Family<Counter> =
    Family::new("fpms_cache_readings_total", "Looks for kept readings.", &["cache", "outcome"]);
