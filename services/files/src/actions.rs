//! Verbs: take a file in, find one for a download.
//!
//! Owns the order of things. Never holds SQL (see `store/`) nor a rule (see `model/`).
//! Start reading at [`receive`].

pub mod keep_past;
pub mod open_file;
pub mod receive;
