//! The inbox and the parked events of a service's database.

use std::time::Duration;

use base::Timestamp;
use storage::{Decode, Result, Row, Tx, params, statements};

use crate::Envelope;

statements! {
    /// Notes that an event is handled; changes no row when it was before.
    TAKE: write [inbox] = "INSERT INTO inbox (tenant_id, consumer, event, happened_at, handled_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    /// Finds an event of the same key that waits.
    BLOCKED: read [parked_event] = "SELECT event FROM parked_event \
        WHERE tenant_id = $1 AND consumer = $2 AND event_key = $3 AND dead = FALSE LIMIT 1";
    /// Parks an event unless it is parked.
    PARK: write [parked_event] = "INSERT INTO parked_event \
        (tenant_id, consumer, event, event_key, sequence, attempts, due_at, dead, failed_at, reason, envelope) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    /// Removes a parked event.
    UNPARK: write [parked_event] = "DELETE FROM parked_event WHERE tenant_id = $1 AND consumer = $2 AND event = $3";
    /// Notes another failure of a parked event.
    SET_BACK: write [parked_event] = "UPDATE parked_event SET attempts = $4, due_at = $5, dead = $6, failed_at = $7, reason = $8 \
        WHERE tenant_id = $1 AND consumer = $2 AND event = $3";
    /// Lists the parked events whose time has come: of each key the earliest only.
    DUE: system [parked_event] = "SELECT p.attempts, p.envelope FROM parked_event p \
        WHERE p.consumer = $1 AND p.dead = FALSE AND p.due_at <= $2 AND NOT EXISTS (SELECT 1 FROM parked_event q \
        WHERE q.tenant_id = p.tenant_id AND q.consumer = p.consumer AND q.event_key = p.event_key AND q.dead = FALSE \
        AND q.sequence < p.sequence) ORDER BY p.due_at LIMIT $3";
    /// Counts the events that wait for another attempt.
    COUNT_PARKED: system [parked_event] = "SELECT COUNT(*) FROM parked_event WHERE consumer = $1 AND dead = FALSE";
    /// Forgets what was handled long ago.
    SWEEP: system [inbox] = "DELETE FROM inbox WHERE handled_at < $1";
    /// Removes old dead letters.
    SWEEP_DEAD: system [parked_event] = "DELETE FROM parked_event WHERE dead = TRUE AND failed_at < $1";
    /// Forgets what a consumer handled since a time, so that a replay has an effect.
    FORGET_SINCE: system [inbox] = "DELETE FROM inbox WHERE consumer = $1 AND happened_at >= $2";
}

/// Longest reason kept with a parked event, in characters.
const REASON_CHARS_MAX: usize = 500;

/// A parked event whose time has come.
pub(crate) struct Due {
    pub(crate) attempts: u32,
    pub(crate) envelope: String,
}

impl Decode for Due {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { attempts: row.take()?, envelope: row.take()? })
    }
}

/// What became of an attempt that failed.
#[derive(Debug, Clone)]
pub(crate) struct Setback {
    pub(crate) attempts: u32,
    pub(crate) due_at: Timestamp,
    pub(crate) dead: bool,
    pub(crate) reason: String,
}

impl Setback {
    /// Returns the setback of an event that waits behind another: its time has come as soon as that one is gone.
    pub(crate) fn behind_another() -> Self {
        Self { attempts: 0, due_at: Timestamp::EPOCH, dead: false, reason: String::new() }
    }

    fn reason(&self) -> String {
        self.reason.chars().take(REASON_CHARS_MAX).collect()
    }
}

/// Notes that `event` is handled; returns false when it was before.
pub(crate) async fn take(tx: &mut Tx, consumer: &str, event: &Envelope) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&TAKE, params![consumer, event.id, event.time, now]).await? == 1)
}

/// Returns whether an event of the same key waits for another attempt.
pub(crate) async fn is_blocked(tx: &mut Tx, consumer: &str, event: &Envelope) -> Result<bool> {
    let found: Option<(uuid::Uuid,)> = tx.fetch_optional(&BLOCKED, params![consumer, event.key]).await?;
    Ok(found.is_some())
}

/// Puts an event aside for another attempt, or for ever.
pub(crate) async fn park(
    tx: &mut Tx,
    consumer: &str,
    sequence: i64,
    event: &Envelope,
    setback: &Setback,
) -> Result<()> {
    let json = event
        .to_json()
        .map_err(|source| storage::Error::Engine { statement: "messaging::park", source: Box::new(source) })?;
    let (now, reason) = (tx.now(), setback.reason());
    let values = params![
        consumer,
        event.id,
        event.key,
        sequence,
        setback.attempts,
        setback.due_at,
        setback.dead,
        now,
        &reason,
        &json
    ];
    tx.execute(&PARK, values).await?;
    Ok(())
}

/// Notes another failure of a parked event.
pub(crate) async fn set_back(tx: &mut Tx, consumer: &str, event: &Envelope, setback: &Setback) -> Result<()> {
    let (now, reason) = (tx.now(), setback.reason());
    let values = params![consumer, event.id, setback.attempts, setback.due_at, setback.dead, now, &reason];
    tx.execute(&SET_BACK, values).await?;
    Ok(())
}

/// Removes a parked event.
pub(crate) async fn unpark(tx: &mut Tx, consumer: &str, event: &Envelope) -> Result<()> {
    tx.execute(&UNPARK, params![consumer, event.id]).await?;
    Ok(())
}

/// Returns parked events whose time has come.
pub(crate) async fn due(tx: &mut Tx, consumer: &str, limit: u32) -> Result<Vec<Due>> {
    let now = tx.now();
    tx.fetch(&DUE, params![consumer, now, limit]).await
}

/// Returns how many events wait for another attempt.
pub(crate) async fn count_parked(tx: &mut Tx, consumer: &str) -> Result<i64> {
    let (count,): (i64,) = tx.fetch_one(&COUNT_PARKED, params![consumer]).await?;
    Ok(count)
}

/// Forgets what was handled, and given up, longer ago than these ages.
pub(crate) async fn sweep(tx: &mut Tx, handled: Duration, dead: Duration) -> Result<u64> {
    let now = tx.now();
    let swept = tx.execute(&SWEEP, params![now.minus(handled)]).await?;
    Ok(swept + tx.execute(&SWEEP_DEAD, params![now.minus(dead)]).await?)
}

/// Forgets what a consumer handled of what happened since `from`.
pub(crate) async fn forget_since(tx: &mut Tx, consumer: &str, from: Timestamp) -> Result<u64> {
    tx.execute(&FORGET_SINCE, params![consumer, from]).await
}
