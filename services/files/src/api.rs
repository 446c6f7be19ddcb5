//! JSON: a file per endpoint.
//!
//! Owns the form of requests and answers. Never holds a rule.
//! Start reading at [`upload_file`].

pub mod show_file;
pub mod upload_file;
