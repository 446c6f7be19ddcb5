//! List one's own notifications.

use base::{Page, PageRequest};
use storage::Tx;

use super::{Notification, own};
use crate::{Result, store};

/// Returns the caller's notifications, newest first, and how many are unread in all.
pub async fn list_notifications(tx: &mut Tx, unread: bool, request: &PageRequest) -> Result<(Page<Notification>, i64)> {
    let person = own(tx)?;
    let page = store::notification::list(tx, person, unread, request).await?;
    let count = store::notification::count_unread(tx, person).await?;
    Ok((page, count))
}
