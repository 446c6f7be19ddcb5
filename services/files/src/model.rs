//! Nouns and rules of files. Pure: no SQL, no HTTP, no clock, no disk (INV-1).
//!
//! Owns what a name may be, what content is, what a range asks for, and what tickets and grants say.
//! Start reading at [`pass`], then [`content`].

pub mod content;
pub mod name;
pub mod pass;
pub mod range;
