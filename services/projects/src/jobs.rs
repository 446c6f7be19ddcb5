//! Consumers of events, and reconcilers: one file per job.

use messaging::Consumer;

pub mod keep_time;
pub mod person_changed;

/// Returns the consumers of other services' events.
pub fn consumers() -> Vec<Consumer> {
    vec![person_changed::consumer()]
}
