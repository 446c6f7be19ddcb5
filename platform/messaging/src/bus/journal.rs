//! The embedded bus: an append-only journal in a database of its own, on the same shards as everything else.

use futures_util::FutureExt;
use tokio::sync::watch;

use base::{Timestamp, Value};
use storage::{Database, Decode, Row, Schema, Statement, Storage, Tx, params, statements};

use super::{Batch, Bus, Delivery, Durability, Position};
use crate::{Envelope, Future, Result};

/// The journal's tables.
pub static SCHEMA: Schema = storage::schema!("journal", ["0001_journal.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[STATEMENTS];

const NAME: &str = "journal";
/// Events removed by one statement.
const SWEEP_MAX: u32 = 5_000;

statements! {
    /// Takes sequences, and the turn to append, until the transaction ends.
    TAKE_SEQUENCES: system [journal_head] = "INSERT INTO journal_head (id, sequence) VALUES (1, $1) \
        ON CONFLICT (id) DO UPDATE SET sequence = journal_head.sequence + $1 RETURNING sequence";
    /// Appends an event unless it is there.
    APPEND: system [journal_event] = "INSERT INTO journal_event \
        (sequence, id, tenant, source, event_type, event_key, happened_at, request, data, appended_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING";
    /// Tells how far a consumer has read.
    CURSOR: system [journal_cursor] = "SELECT sequence, generation FROM journal_cursor WHERE consumer = $1";
    /// Reads on.
    READ: system [journal_event] = "SELECT sequence, id, tenant, source, event_type, event_key, happened_at, request, data \
        FROM journal_event WHERE sequence > $1 ORDER BY sequence LIMIT $2";
    /// Moves a consumer on, within the same reading.
    ADVANCE: system [journal_cursor] = "INSERT INTO journal_cursor (consumer, sequence, generation) VALUES ($1, $2, $3) \
        ON CONFLICT (consumer) DO UPDATE SET sequence = excluded.sequence \
        WHERE journal_cursor.generation = excluded.generation AND journal_cursor.sequence < excluded.sequence";
    /// Finds the first event from a time on.
    FIRST_FROM: system [journal_event] = "SELECT sequence FROM journal_event WHERE appended_at >= $1 ORDER BY appended_at, sequence LIMIT 1";
    /// Begins a new reading.
    REWIND: system [journal_cursor] = "INSERT INTO journal_cursor (consumer, sequence, generation) VALUES ($1, $2, 1) \
        ON CONFLICT (consumer) DO UPDATE SET sequence = excluded.sequence, generation = journal_cursor.generation + 1";
    /// Counts what a consumer has not read.
    BEHIND: system [journal_event] = "SELECT COUNT(*) FROM journal_event WHERE sequence > $1";
    /// Removes old events.
    SWEEP: system [journal_event] = "DELETE FROM journal_event WHERE sequence IN \
        (SELECT sequence FROM journal_event WHERE appended_at < $1 ORDER BY appended_at, sequence LIMIT $2)";
}

/// The embedded bus. Cloning is cheap.
#[derive(Clone)]
pub struct Journal {
    database: Database,
    appended: watch::Sender<u64>,
}

impl Journal {
    /// Opens the journal of this installation.
    pub async fn open(storage: &Storage) -> Result<Self> {
        let database = storage.database(NAME, &[SCHEMA]).await?;
        Ok(Self { database, appended: watch::Sender::default() })
    }

    /// Returns the journal's database; for statistics.
    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl Bus for Journal {
    fn durability(&self) -> Durability {
        Durability::Fsynced
    }

    fn publish(&self, shard: usize, events: Vec<Envelope>) -> Future<'_, ()> {
        async move {
            self.database.system(shard, NAME, move |tx| append(tx, events).boxed()).await?;
            self.appended.send_modify(|count| *count = count.wrapping_add(1));
            Ok(())
        }
        .boxed()
    }

    fn fetch(&self, shard: usize, consumer: &'static str, limit: u32) -> Future<'_, Batch> {
        async move { Ok(self.database.system_read(shard, NAME, |tx| read(tx, consumer, limit).boxed()).await?) }.boxed()
    }

    fn acknowledge(&self, shard: usize, consumer: &'static str, position: Position) -> Future<'_, ()> {
        async move {
            self.database.system(shard, NAME, move |tx| advance(tx, consumer, position).boxed()).await?;
            Ok(())
        }
        .boxed()
    }

    fn rewind(&self, shard: usize, consumer: &'static str, from: Timestamp) -> Future<'_, ()> {
        async move {
            self.database.system(shard, NAME, move |tx| rewind(tx, consumer, from).boxed()).await?;
            self.appended.send_modify(|count| *count = count.wrapping_add(1));
            Ok(())
        }
        .boxed()
    }

    fn behind(&self, shard: usize, consumer: String) -> Future<'_, i64> {
        async move {
            let count = self.database.system_read(shard, NAME, |tx| behind(tx, consumer).boxed()).await?;
            Ok(count)
        }
        .boxed()
    }

    fn sweep(&self, shard: usize, before: Timestamp) -> Future<'_, u64> {
        async move {
            let mut swept = 0;
            loop {
                let removed = self.database.system(shard, NAME, move |tx| sweep(tx, before).boxed()).await?;
                swept += removed;
                if removed < u64::from(SWEEP_MAX) {
                    return Ok(swept);
                }
            }
        }
        .boxed()
    }

    fn read(&self, shard: usize, after: i64, limit: u32) -> Future<'_, Vec<Delivery>> {
        async move { Ok(self.database.system_read(shard, NAME, move |tx| read_after(tx, after, limit).boxed()).await?) }
            .boxed()
    }

    fn first_from(&self, shard: usize, from: Timestamp) -> Future<'_, Option<i64>> {
        async move { Ok(self.database.system_read(shard, NAME, move |tx| first_from(tx, from).boxed()).await?) }.boxed()
    }

    fn news(&self) -> watch::Receiver<u64> {
        self.appended.subscribe()
    }
}

impl Decode for Delivery {
    fn decode(row: &mut Row<'_>) -> storage::Result<Self> {
        let sequence = row.take()?;
        let (id, tenant, source, event_type) = (row.take()?, row.take()?, row.take()?, row.take()?);
        let (key, time, request, data) = (row.take()?, row.take()?, row.take()?, row.take()?);
        Ok(Self { sequence, envelope: Envelope { id, source, event_type, key, time, tenant, request, data } })
    }
}

async fn append(tx: &mut Tx, events: Vec<Envelope>) -> storage::Result<u64> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let (last,): (i64,) = tx.fetch_one(&TAKE_SEQUENCES, params![count]).await?;
    let now = tx.now();
    let rows: Vec<Vec<Value<'_>>> =
        (last - count + 1..).zip(&events).map(|(sequence, event)| row(sequence, event, now)).collect();
    tx.execute_many(&APPEND, &rows).await
}

fn row(sequence: i64, event: &Envelope, now: Timestamp) -> Vec<Value<'_>> {
    let (source, event_type, data) = ((&event.source).into(), (&event.event_type).into(), (&event.data).into());
    let (key, time, request) = (event.key.into(), event.time.into(), event.request.into());
    vec![
        sequence.into(),
        event.id.into(),
        event.tenant.into(),
        source,
        event_type,
        key,
        time,
        request,
        data,
        now.into(),
    ]
}

async fn cursor(tx: &mut Tx, consumer: &str) -> storage::Result<Position> {
    let found: Option<(i64, i64)> = tx.fetch_optional(&CURSOR, params![consumer]).await?;
    let (sequence, generation) = found.unwrap_or_default();
    Ok(Position { sequence, generation })
}

async fn read(tx: &mut Tx, consumer: &str, limit: u32) -> storage::Result<Batch> {
    let mut position = cursor(tx, consumer).await?;
    let deliveries = read_after(tx, position.sequence, limit).await?;
    position.sequence = deliveries.last().map_or(position.sequence, |last| last.sequence);
    Ok(Batch { deliveries, position, passed_over: false })
}

async fn read_after(tx: &mut Tx, after: i64, limit: u32) -> storage::Result<Vec<Delivery>> {
    tx.fetch(&READ, params![after, limit]).await
}

async fn advance(tx: &mut Tx, consumer: &'static str, position: Position) -> storage::Result<u64> {
    tx.execute(&ADVANCE, params![consumer, position.sequence, position.generation]).await
}

async fn first_from(tx: &mut Tx, from: Timestamp) -> storage::Result<Option<i64>> {
    let first: Option<(i64,)> = tx.fetch_optional(&FIRST_FROM, params![from]).await?;
    Ok(first.map(|(first,)| first))
}

async fn rewind(tx: &mut Tx, consumer: &'static str, from: Timestamp) -> storage::Result<()> {
    // Nothing that new is kept: the reader stays where it is.
    let Some(first) = first_from(tx, from).await? else { return Ok(()) };
    tx.execute(&REWIND, params![consumer, first - 1]).await?;
    Ok(())
}

async fn behind(tx: &mut Tx, consumer: String) -> storage::Result<i64> {
    let position = cursor(tx, &consumer).await?;
    let (count,): (i64,) = tx.fetch_one(&BEHIND, params![position.sequence]).await?;
    Ok(count)
}

async fn sweep(tx: &mut Tx, before: Timestamp) -> storage::Result<u64> {
    tx.execute(&SWEEP, params![before, SWEEP_MAX]).await
}
