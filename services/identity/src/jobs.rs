//! What identity does when others tell of something, and by itself as time passes: one file per job.

pub mod participant_enrolled;
pub mod programme_changed;
pub mod roster_imported;
pub mod sweep;
