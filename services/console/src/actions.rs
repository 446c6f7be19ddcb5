//! What an administrator does in the console.
//!
//! Owns the units of work over other services' messaging tables. Never touches a service's own tables.
//! Start reading at [`send_again`].

pub(crate) mod send_again;
