//! What the files service keeps: bytes in the blob store, and in its tables what is known of them. The only place with SQL.
//!
//! Owns statements, rows and blobs. Never decides anything.
//! Start reading at [`files`], then [`blobs`].

pub mod blobs;
pub mod files;
