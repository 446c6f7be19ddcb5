//! The kit's numbers, by action.

use runtime::metrics::{Counter, Family, Histogram};

/// How long an action takes, from its gate to its answer's head.
pub(crate) static ACTION_SECONDS: Family<Histogram> =
    Family::new("fpms_action_seconds", "Time from a route's gate to the head of its answer.", &["action"]);
/// Actions that failed for a reason of ours.
pub(crate) static ACTION_FAILURES: Family<Counter> =
    Family::new("fpms_action_failures_total", "Answers with a status of 500 or more.", &["action"]);
