//! What the console shows, made from what the platform's parts say of themselves.
//!
//! Owns the arithmetic of its tables. Never awaits, never reads anything.
//! Start reading at [`node`].

pub mod letter;
pub mod node;
pub(crate) mod pieces;
