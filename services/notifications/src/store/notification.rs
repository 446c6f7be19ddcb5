//! Notifications, each of one person.

use base::{Page, PageRequest, PersonId, Timestamp};
use storage::{Decode, Result, Row, Tx, params, statements};
use uuid::Uuid;

use crate::{
    actions::{Notification, NotificationId},
    model::{arguments::Arguments, kind::Kind},
};

statements! {
    /// Adds a notification.
    INSERT: write [notification] = "INSERT INTO notification (tenant_id, id, person, kind, arguments, link, created_at, read_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
    /// Lists a person's notifications, newest first; all or the unread.
    LIST: read [notification] = "SELECT id, kind, arguments, link, created_at, read_at FROM notification \
        WHERE tenant_id = $1 AND person = $2 AND (created_at, id) < ($3, $4) \
        AND (read_at IS NULL OR CAST($5 AS BOOLEAN) = FALSE) ORDER BY created_at DESC, id DESC LIMIT $6";
    /// Counts a person's unread notifications.
    COUNT_UNREAD: read [notification] = "SELECT COUNT(*) FROM notification WHERE tenant_id = $1 AND person = $2 AND read_at IS NULL";
    /// Marks one as read; changes nothing when it was read before.
    MARK: write [notification] = "UPDATE notification SET read_at = COALESCE(read_at, $4) \
        WHERE tenant_id = $1 AND id = $2 AND person = $3";
    /// Marks all of a person's as read.
    MARK_ALL: write [notification] = "UPDATE notification SET read_at = $3 WHERE tenant_id = $1 AND person = $2 AND read_at IS NULL";
    /// Removes old ones.
    SWEEP: system [notification] = "DELETE FROM notification WHERE created_at < $1";
}

impl Decode for Notification {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        let (id, kind) = (row.take()?, row.parse()?);
        let arguments = Arguments::from_json(&row.take::<String>()?);
        Ok(Self { id, kind, arguments, link: row.take()?, created_at: row.take()?, read_at: row.take()? })
    }
}

pub(crate) async fn insert(tx: &mut Tx, person: PersonId, kind: Kind, arguments: &Arguments, link: &str) -> Result<()> {
    let (id, now): (NotificationId, _) = (tx.id(), tx.now());
    let arguments = arguments.to_json();
    tx.execute(&INSERT, params![id, person, kind.name(), &arguments, link, now]).await?;
    Ok(())
}

pub(crate) async fn list(
    tx: &mut Tx,
    person: PersonId,
    unread: bool,
    request: &PageRequest,
) -> Result<Page<Notification>> {
    let (before, id) = request.after.as_deref().and_then(parse).unwrap_or((Timestamp::MAX, Uuid::max()));
    let rows = tx.fetch(&LIST, params![person, before, id, unread, request.fetch()]).await?;
    Ok(Page::cut(rows, request, |last: &Notification| format!("{}.{}", last.created_at.as_micros(), last.id)))
}

pub(crate) async fn count_unread(tx: &mut Tx, person: PersonId) -> Result<i64> {
    let (count,): (i64,) = tx.fetch_one(&COUNT_UNREAD, params![person]).await?;
    Ok(count)
}

pub(crate) async fn mark(tx: &mut Tx, id: NotificationId, person: PersonId) -> Result<u64> {
    let now = tx.now();
    tx.execute(&MARK, params![id, person, now]).await
}

pub(crate) async fn mark_all(tx: &mut Tx, person: PersonId) -> Result<u64> {
    let now = tx.now();
    tx.execute(&MARK_ALL, params![person, now]).await
}

pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.execute(&SWEEP, params![before]).await
}

fn parse(after: &str) -> Option<(Timestamp, Uuid)> {
    let (micros, id) = after.split_once('.')?;
    Some((Timestamp::from_micros(micros.parse().ok()?), id.parse().ok()?))
}
