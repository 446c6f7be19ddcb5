//! What can be told, to whom, and what is said.
//!
//! Owns the kinds of notification and the templates of mail. Never awaits, never reads anything.
//! Start reading at [`kind`].

pub mod arguments;
pub mod kind;
pub mod template;
