//! What imports read, write and keep of themselves.
//!
//! Owns the statements that go through whole tables: pages to read, many rows at once to write. Never decides what is written.
//! Start reading at [`write::apply`], then [`read::existing`], then [`runs`].

mod bulk;
pub mod read;
pub mod runs;
pub mod write;
