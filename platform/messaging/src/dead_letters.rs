//! Dead letters: events that a consumer gave up, to be looked at and sent again by a person.

use futures_util::FutureExt;
use uuid::Uuid;

use base::{Page, PageRequest, Timestamp};
use storage::{Database, Decode, Row, Tx, params, statements};

use crate::{Envelope, Error, EventId, Result};

statements! {
    /// Lists the dead letters of a tenant, newest first.
    LIST: read [parked_event] = "SELECT consumer, event, attempts, failed_at, reason, envelope FROM parked_event \
        WHERE tenant_id = $1 AND dead = TRUE AND (failed_at, event) < ($2, $3) ORDER BY failed_at DESC, event DESC LIMIT $4";
    /// Makes a dead letter due at once.
    SEND_AGAIN: write [parked_event] = "UPDATE parked_event SET dead = FALSE, attempts = 0, due_at = 0 \
        WHERE tenant_id = $1 AND consumer = $2 AND event = $3 AND dead = TRUE";
    /// Removes a dead letter.
    DISCARD: write [parked_event] = "DELETE FROM parked_event \
        WHERE tenant_id = $1 AND consumer = $2 AND event = $3 AND dead = TRUE";
    /// Counts the events of a consumer that were given up, or those that wait for another attempt.
    COUNT_OF: system [parked_event] = "SELECT COUNT(*) FROM parked_event WHERE consumer = $1 AND dead = $2";
    /// Counts the events of a shard that were given up, or those that wait for another attempt.
    COUNT: system [parked_event] = "SELECT COUNT(*) FROM parked_event WHERE dead = $1 AND failed_at > $2";
}

/// An event that a consumer gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The consumer.
    pub consumer: String,
    /// The event's id.
    pub event: EventId,
    /// How often it was tried.
    pub attempts: u32,
    /// When it failed last.
    pub failed_at: Timestamp,
    /// Why it failed last.
    pub reason: String,
    /// The event's envelope in JSON.
    pub envelope: String,
}

impl DeadLetter {
    /// Returns the event's type, if the envelope can be read.
    pub fn event_type(&self) -> Option<String> {
        Envelope::from_json(&self.envelope).ok().map(|envelope| envelope.event_type)
    }
}

impl Decode for DeadLetter {
    fn decode(row: &mut Row<'_>) -> storage::Result<Self> {
        let (consumer, event, attempts) = (row.take()?, row.take()?, row.take()?);
        Ok(Self { consumer, event, attempts, failed_at: row.take()?, reason: row.take()?, envelope: row.take()? })
    }
}

/// How many events of a shard wait for another attempt, and how many were given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Events that wait for another attempt.
    pub parked: i64,
    /// Events given up.
    pub dead: i64,
}

/// Returns the tenant's dead letters of this service, newest first.
pub async fn list(tx: &mut Tx, request: &PageRequest) -> storage::Result<Page<DeadLetter>> {
    let (before, event) = request.after.as_deref().and_then(parse).unwrap_or((Timestamp::MAX, Uuid::max()));
    let rows = tx.fetch(&LIST, params![before, event, request.fetch()]).await?;
    Ok(Page::cut(rows, request, |last: &DeadLetter| format!("{}.{}", last.failed_at.as_micros(), last.event)))
}

/// Sends a dead letter again: its consumer takes it at its next step.
pub async fn send_again(tx: &mut Tx, consumer: &str, event: EventId) -> Result<()> {
    match tx.execute(&SEND_AGAIN, params![consumer, event]).await? {
        0 => Err(Error::UnknownDeadLetter),
        _ => Ok(()),
    }
}

/// Removes a dead letter for ever: its consumer never handles the event, unless it is replayed.
pub async fn discard(tx: &mut Tx, consumer: &str, event: EventId) -> Result<()> {
    match tx.execute(&DISCARD, params![consumer, event]).await? {
        0 => Err(Error::UnknownDeadLetter),
        _ => Ok(()),
    }
}

/// Returns how many events of a service's shard wait or were given up, over all tenants.
pub async fn count(database: &Database, shard: usize) -> storage::Result<Counts> {
    database
        .system_read(shard, "dead-letters", |tx| {
            async move { Ok(Counts { parked: count_where(tx, false).await?, dead: count_where(tx, true).await? }) }
                .boxed()
        })
        .await
}

/// Returns how many events of one consumer wait for another attempt in a shard, and how many it gave up.
pub async fn count_of(database: &Database, shard: usize, consumer: &'static str) -> storage::Result<Counts> {
    database
        .system_read(shard, "dead-letters", move |tx| {
            async move {
                let (parked,): (i64,) = tx.fetch_one(&COUNT_OF, params![consumer, false]).await?;
                let (dead,): (i64,) = tx.fetch_one(&COUNT_OF, params![consumer, true]).await?;
                Ok(Counts { parked, dead })
            }
            .boxed()
        })
        .await
}

async fn count_where(tx: &mut Tx, dead: bool) -> storage::Result<i64> {
    let (count,): (i64,) = tx.fetch_one(&COUNT, params![dead, Timestamp::EPOCH]).await?;
    Ok(count)
}

fn parse(after: &str) -> Option<(Timestamp, Uuid)> {
    let (micros, event) = after.split_once('.')?;
    Some((Timestamp::from_micros(micros.parse().ok()?), event.parse().ok()?))
}
