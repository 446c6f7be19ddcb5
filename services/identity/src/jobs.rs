//! What identity does when others tell of something, and by itself as time passes: one file per job.

pub mod roster_imported;
pub mod sweep;
