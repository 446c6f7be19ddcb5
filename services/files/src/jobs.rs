//! What happens without anybody asking.
//!
//! Owns the sweep. Never removes a file that was handed in.
//! Start reading at [`sweep`].

pub mod sweep;
