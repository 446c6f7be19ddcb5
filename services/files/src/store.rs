//! The tables of the files service. The only place with SQL.
//!
//! Owns statements and rows. Never touches the bytes.
//! Start reading at [`files`].

pub mod files;
