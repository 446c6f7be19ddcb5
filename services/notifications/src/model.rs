//! What can be told, to whom, and what is said.
//!
//! Owns the kinds of notification, the templates of mail and their words. Never awaits, never reads anything.
//! Start reading at [`kind`].

pub mod arguments;
pub mod kind;
pub mod letter;
pub mod template;
pub(crate) mod texts;
