//! What people do with their notifications, and how notifications come to be.
//!
//! Owns the units of work. Never renders a text.
//! Start reading at [`list_notifications`].

use base::{PersonId, Timestamp};
use storage::Tx;

use crate::{
    Error, Result,
    model::{arguments::Arguments, kind::Kind},
};

pub mod list_notifications;
pub mod mark_read;
pub mod tell;

base::id!(
    /// One notification of one person.
    NotificationId
);

/// What a person was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub id: NotificationId,
    pub kind: Kind,
    pub arguments: Arguments,
    /// The page it is about: a path of the product.
    pub link: String,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
}

/// Returns the person who asks: notifications are always one's own.
fn own(tx: &Tx) -> Result<PersonId> {
    tx.caller().person_id().ok_or(Error::UnknownNotification)
}
