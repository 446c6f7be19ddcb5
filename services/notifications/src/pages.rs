//! What people see of notifications, one file per page.
//!
//! Owns the templates' contexts. Never decides anything.
//! Start reading at [`notifications`].

pub(crate) mod notifications;
pub(crate) mod templates;
#[cfg(test)]
mod tests;
