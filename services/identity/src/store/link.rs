//! Links sent by mail.

use base::{PersonId, Timestamp};
use contracts::ids::LinkId;
use storage::{Decode, Result, Row, Tx, params, statements};

use crate::model::link::{Link, Purpose};

statements! {
    /// Finds a link that is still good.
    FIND_GOOD: read [link] = "SELECT person_id, purpose, expires_at FROM link \
        WHERE tenant_id = $1 AND digest = $2 AND used_at IS NULL AND expires_at > $3";
    /// Adds a link.
    INSERT: write [link] = "INSERT INTO link (tenant_id, id, person_id, purpose, digest, created_at, expires_at, used_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
    /// Uses up a link that is still good.
    USE: write [link] = "UPDATE link SET used_at = $3 WHERE tenant_id = $1 AND digest = $2 AND used_at IS NULL AND expires_at > $3";
    /// Removes a person's links of one purpose: a new one makes the older worthless.
    DELETE_OLDER: write [link] = "DELETE FROM link WHERE tenant_id = $1 AND person_id = $2 AND purpose = $3";
}

impl Decode for Link {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { person: row.take()?, purpose: row.parse()?, expires_at: row.take()? })
    }
}

pub(crate) async fn find_good(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<Link>> {
    let now = tx.now();
    tx.fetch_optional(&FIND_GOOD, params![digest, now]).await
}

/// Adds a link in place of the person's older ones of the same purpose.
pub(crate) async fn replace(
    tx: &mut Tx,
    person: PersonId,
    purpose: Purpose,
    digest: &[u8; 32],
    expires_at: Timestamp,
) -> Result<()> {
    delete(tx, person, purpose).await?;
    let (id, now): (LinkId, _) = (tx.id(), tx.now());
    tx.execute(&INSERT, params![id, person, purpose.name(), digest, now, expires_at]).await.map(|_| ())
}

/// Uses up a link; false when it is not good any more.
pub(crate) async fn use_up(tx: &mut Tx, digest: &[u8; 32]) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&USE, params![digest, now]).await? > 0)
}

pub(crate) async fn delete(tx: &mut Tx, person: PersonId, purpose: Purpose) -> Result<()> {
    tx.execute(&DELETE_OLDER, params![person, purpose.name()]).await.map(|_| ())
}
