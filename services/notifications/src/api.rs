//! What programs see of notifications, one file per operation.
//!
//! Owns the JSON. Never decides anything.
//! Start reading at [`list_notifications`].

pub(crate) mod list_notifications;
pub(crate) mod mark_all_read;
pub(crate) mod mark_read;
