//! Sessions.

use base::PersonId;
use contracts::ids::SessionId;
use storage::{Decode, Result, Row, Tx, params, statements};

use crate::model::session::Session;

statements! {
    /// Finds a session by its secret's digest.
    FIND_BY_DIGEST: read [session] = "SELECT id, person_id, device, address, created_at, seen_at, expires_at FROM session \
        WHERE tenant_id = $1 AND digest = $2";
    /// Lists a person's sessions, the newest first.
    OF_PERSON: read [session] = "SELECT id, person_id, device, address, created_at, seen_at, expires_at FROM session \
        WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at DESC, id DESC LIMIT 200";
    /// Adds a session.
    INSERT: write [session] = "INSERT INTO session (tenant_id, id, person_id, digest, device, address, created_at, seen_at, \
        expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
    /// Gives a session another secret.
    SET_DIGEST: write [session] = "UPDATE session SET digest = $3 WHERE tenant_id = $1 AND id = $2";
    /// Writes down that a session was used.
    TOUCH: write [session] = "UPDATE session SET seen_at = $3 WHERE tenant_id = $1 AND id = $2 AND seen_at < $3";
    /// Ends one session of a person.
    DELETE: write [session] = "DELETE FROM session WHERE tenant_id = $1 AND id = $2 AND person_id = $3";
    /// Ends a person's sessions, except one.
    DELETE_OTHERS: write [session] = "DELETE FROM session WHERE tenant_id = $1 AND person_id = $2 AND id <> $3";
    /// Forgets a person's sessions that ended by themselves.
    DELETE_EXPIRED: write [session] = "DELETE FROM session WHERE tenant_id = $1 AND person_id = $2 AND expires_at <= $3";
}

impl Decode for Session {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            person: row.take()?,
            device: row.take()?,
            address: row.take()?,
            created_at: row.take()?,
            seen_at: row.take()?,
            expires_at: row.take()?,
        })
    }
}

pub(crate) async fn find_by_digest(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<Session>> {
    tx.fetch_optional(&FIND_BY_DIGEST, params![digest]).await
}

pub(crate) async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Session>> {
    tx.fetch(&OF_PERSON, params![person]).await
}

pub(crate) async fn insert(tx: &mut Tx, session: &Session, digest: &[u8; 32]) -> Result<()> {
    let Session { id, person, device, address, created_at, expires_at, .. } = session;
    let values = params![*id, *person, digest, device, address, *created_at, *expires_at];
    tx.execute(&INSERT, values).await.map(|_| ())
}

pub(crate) async fn set_digest(tx: &mut Tx, id: SessionId, digest: &[u8; 32]) -> Result<()> {
    tx.execute(&SET_DIGEST, params![id, digest]).await.map(|_| ())
}

pub(crate) async fn touch(tx: &mut Tx, id: SessionId) -> Result<()> {
    let now = tx.now();
    tx.execute(&TOUCH, params![id, now]).await.map(|_| ())
}

/// Ends one session of a person; false when there is none.
pub(crate) async fn delete(tx: &mut Tx, person: PersonId, id: SessionId) -> Result<bool> {
    Ok(tx.execute(&DELETE, params![id, person]).await? > 0)
}

/// Ends a person's sessions, except one; returns how many.
pub(crate) async fn delete_others(tx: &mut Tx, person: PersonId, except: Option<SessionId>) -> Result<u64> {
    let except = except.unwrap_or(SessionId::from_u128(0));
    tx.execute(&DELETE_OTHERS, params![person, except]).await
}

pub(crate) async fn forget_expired(tx: &mut Tx, person: PersonId) -> Result<()> {
    let now = tx.now();
    tx.execute(&DELETE_EXPIRED, params![person, now]).await.map(|_| ())
}
