//! What services know of each other: ids, roles, events and passes. Nothing else crosses from one service to another.
//!
//! Owns the names and the forms. Never does I/O, never holds a rule of any service.
//! Start reading at [`events`], then [`schemas`], then [`roles`].

pub mod events;
pub mod file_kind;
pub mod ids;
pub mod passes;
pub mod roles;
pub mod schemas;
