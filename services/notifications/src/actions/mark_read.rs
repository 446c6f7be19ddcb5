//! Mark one's own notifications as read.

use storage::Tx;

use super::{NotificationId, own};
use crate::{Error, Result, store};

/// Marks one of the caller's notifications as read.
pub async fn mark_read(tx: &mut Tx, id: NotificationId) -> Result<()> {
    let person = own(tx)?;
    match store::notification::mark(tx, id, person).await? {
        0 => Err(Error::UnknownNotification),
        _ => Ok(()),
    }
}

/// Marks all of the caller's notifications as read; returns how many were not.
pub async fn mark_all_read(tx: &mut Tx) -> Result<u64> {
    let person = own(tx)?;
    Ok(store::notification::mark_all(tx, person).await?)
}
