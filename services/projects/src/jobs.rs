//! Consumers of events, and reconcilers: one file per job.

pub mod keep_time;
pub mod person_changed;
