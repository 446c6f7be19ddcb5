//! The outbox: what a transaction emits waits here, committed with it or gone with it.

use std::sync::LazyLock;

use futures_util::FutureExt;
use tokio::sync::watch;
use uuid::Uuid;

use base::{Event, RequestId, TenantId, Timestamp};
use storage::{Database, Decode, Error, Row, Tx, params, statements};

use crate::{Envelope, EventId};

/// Largest event, in bytes of JSON. Split what is larger.
pub const EVENT_BYTES_MAX: usize = 512 * 1024;

statements! {
    /// Adds an event. The microsecond of now, or one more than the newest waiting event of the same key.
    PUT: write [outbox] = "INSERT INTO outbox (tenant_id, id, event_type, event_key, happened_at, request, data, sequence) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT CASE WHEN MAX(sequence) >= $5 THEN MAX(sequence) + 1 ELSE $5 END \
        FROM outbox WHERE tenant_id = $1 AND event_key = $4))";
    /// Lists the events that wait, oldest first.
    WAITING: system [outbox] = "SELECT tenant_id, id, event_type, event_key, happened_at, request, data FROM outbox \
        WHERE sequence > $1 ORDER BY sequence, tenant_id, id LIMIT $2";
    /// Removes an event that is on the bus.
    FORGET: system [outbox] = "DELETE FROM outbox WHERE tenant_id = $1 AND id = $2";
    /// Counts the events that wait, and tells the time of the oldest.
    DEPTH: system [outbox] = "SELECT COUNT(*), MIN(sequence) FROM outbox WHERE sequence > $1";
}

/// Grows with every emission in this process; relays watch it.
static EMITTED: LazyLock<watch::Sender<u64>> = LazyLock::new(watch::Sender::default);

/// Emits an event in this unit of work: it reaches its consumers if and only if the unit commits.
pub async fn emit<E: Event>(tx: &mut Tx, event: &E) -> storage::Result<()> {
    let data = serde_json::to_string(event)
        .map_err(|source| Error::Engine { statement: "messaging::emit", source: Box::new(source) })?;
    if data.len() > EVENT_BYTES_MAX {
        return Err(Error::Misuse("emitted an event larger than messaging carries"));
    }
    let (id, now, request): (EventId, _, _) = (tx.id(), tx.now(), tx.caller().request());
    tx.execute(&PUT, params![id, E::TYPE, event.key(), now, request, &data]).await?;
    // The commit comes a moment later; a relay that wakes too early looks again.
    EMITTED.send_modify(|count| *count = count.wrapping_add(1));
    Ok(())
}

/// Returns something that changes when an event is emitted in this process.
pub(crate) fn emissions() -> watch::Receiver<u64> {
    EMITTED.subscribe()
}

/// An event that waits.
pub(crate) struct Waiting {
    pub(crate) tenant: TenantId,
    pub(crate) id: EventId,
    event_type: String,
    key: Uuid,
    happened_at: Timestamp,
    request: RequestId,
    data: String,
}

impl Decode for Waiting {
    fn decode(row: &mut Row<'_>) -> storage::Result<Self> {
        Ok(Self {
            tenant: row.take()?,
            id: row.take()?,
            event_type: row.take()?,
            key: row.take()?,
            happened_at: row.take()?,
            request: row.take()?,
            data: row.take()?,
        })
    }
}

impl Waiting {
    pub(crate) fn into_envelope(self, service: &str) -> Envelope {
        Envelope {
            id: self.id,
            source: service.to_owned(),
            event_type: self.event_type,
            key: self.key,
            time: self.happened_at,
            tenant: self.tenant,
            request: self.request,
            data: self.data,
        }
    }
}

/// Returns the oldest committed events of a shard.
pub(crate) async fn waiting(database: &Database, shard: usize, limit: u32) -> storage::Result<Vec<Waiting>> {
    database
        .system_read(shard, RELAY, |tx| {
            async move { tx.fetch(&WAITING, params![Timestamp::EPOCH, limit]).await }.boxed()
        })
        .await
}

/// Removes events that are on the bus.
pub(crate) async fn forget(
    database: &Database,
    shard: usize,
    events: Vec<(TenantId, EventId)>,
) -> storage::Result<u64> {
    database
        .system(shard, RELAY, move |tx| {
            async move {
                let rows: Vec<_> = events.iter().map(|(tenant, id)| vec![(*tenant).into(), (*id).into()]).collect();
                tx.execute_many(&FORGET, &rows).await
            }
            .boxed()
        })
        .await
}

/// How much waits in the outbox of one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Events that wait.
    pub events: i64,
    /// When the oldest of them was emitted.
    pub oldest_at: Option<Timestamp>,
}

/// Returns how much waits in the outbox of a service's shard.
pub async fn depth(database: &Database, shard: usize) -> storage::Result<Depth> {
    let (events, oldest_at) = database
        .system_read(shard, RELAY, |tx| {
            async move { tx.fetch_one::<(i64, Option<Timestamp>)>(&DEPTH, params![Timestamp::EPOCH]).await }.boxed()
        })
        .await?;
    Ok(Depth { events, oldest_at })
}

const RELAY: &str = "outbox-relay";
