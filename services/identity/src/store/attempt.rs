//! Failed attempts, by a keyed digest of what they were made against.

use base::Timestamp;
use storage::{Result, Tx, params, statements};

use crate::model::throttle::Limit;

statements! {
    /// Tells until when a subject must wait.
    FIND: read [attempt] = "SELECT locked_until FROM attempt WHERE tenant_id = $1 AND subject = $2";
    /// Counts an attempt, in a new window when the last one is over; answers how many there are now.
    COUNT: write [attempt] = "INSERT INTO attempt (tenant_id, subject, failures, window_at, locked_until) \
        VALUES ($1, $2, 1, $3, 0) ON CONFLICT (tenant_id, subject) DO UPDATE SET \
        failures = CASE WHEN attempt.window_at < $4 THEN 1 ELSE attempt.failures + 1 END, window_at = $3 \
        RETURNING failures";
    /// Makes a subject wait.
    LOCK: write [attempt] = "UPDATE attempt SET locked_until = $3 WHERE tenant_id = $1 AND subject = $2";
    /// Takes an attempt back.
    TAKE_BACK: write [attempt] = "UPDATE attempt SET failures = failures - 1, locked_until = 0 \
        WHERE tenant_id = $1 AND subject = $2 AND failures > 0";
    /// Forgets a subject.
    CLEAR: write [attempt] = "DELETE FROM attempt WHERE tenant_id = $1 AND subject = $2";
}

/// Returns until when the subject must wait, if it must.
pub(crate) async fn locked_until(tx: &mut Tx, subject: &[u8; 32]) -> Result<Option<Timestamp>> {
    let now = tx.now();
    let row: Option<(Timestamp,)> = tx.fetch_optional(&FIND, params![subject]).await?;
    Ok(row.map(|(until,)| until).filter(|until| *until > now))
}

/// Counts an attempt against the subject, and makes the next one wait when there are too many.
pub(crate) async fn count(tx: &mut Tx, subject: &[u8; 32], limit: Limit) -> Result<()> {
    let now = tx.now();
    let window = now.minus(limit.window);
    let (attempts,): (i64,) = tx.fetch_one(&COUNT, params![subject, now, window]).await?;
    if let Some(until) = limit.locked_until(attempts, now) {
        tx.execute(&LOCK, params![subject, until]).await?;
    }
    Ok(())
}

pub(crate) async fn take_back(tx: &mut Tx, subject: &[u8; 32]) -> Result<()> {
    tx.execute(&TAKE_BACK, params![subject]).await.map(|_| ())
}

pub(crate) async fn clear(tx: &mut Tx, subject: &[u8; 32]) -> Result<()> {
    tx.execute(&CLEAR, params![subject]).await.map(|_| ())
}
