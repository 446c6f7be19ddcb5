//! What identity does when others tell of something: one file per event.

pub mod roster_imported;
