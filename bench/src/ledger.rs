//! The tables that the benchmarks of storage read and write, through storage and through the bare drivers.

use base::{Caller, Timestamp, Value};
use futures_util::FutureExt;
use storage::{Database, Decode, Row, Schema, Statement, Tx, params, statements};

/// Rows that the readers find; their ids are the numbers below it.
pub(crate) const ROWS: u128 = 10_000;
/// What every row holds.
pub(crate) const TITLE: &str = "An entry of the usual length of a title";

pub(crate) static SCHEMA: Schema = storage::schema!("bench", ["0001_entry.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[STATEMENTS];

base::id!(
    /// An entry.
    EntryId
);

statements! {
    /// Finds one entry.
    FIND: read [entry] = "SELECT id, title, share, checked, made_at FROM entry WHERE tenant_id = $1 AND id = $2";
    /// Adds an entry.
    INSERT: write [entry] = "INSERT INTO entry (tenant_id, id, title, share, checked, made_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Adds a mark.
    MARK: write [mark] = "INSERT INTO mark (tenant_id, writer, sequence) VALUES ($1, $2, $3)";
    /// Lists a writer's marks.
    MARKS: read [mark] = "SELECT sequence FROM mark WHERE tenant_id = $1 AND writer = $2 ORDER BY sequence";
}

/// An entry as the readers decode it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: [u8; 16],
    pub(crate) title: String,
    pub(crate) share: f64,
    pub(crate) checked: bool,
    pub(crate) made_at: i64,
}

impl Entry {
    /// Returns a number that depends on every column, so that none is read in vain.
    pub(crate) fn digest(&self) -> i64 {
        let [.., last] = self.id;
        i64::from(last) + self.title.len() as i64 + self.share as i64 + i64::from(self.checked) + self.made_at
    }
}

impl Decode for Entry {
    fn decode(row: &mut Row<'_>) -> storage::Result<Self> {
        Ok(Self { id: row.take()?, title: row.take()?, share: row.take()?, checked: row.take()?, made_at: row.take()? })
    }
}

/// Returns the text of a statement, for the bare drivers.
pub(crate) fn sql(statement: &Statement) -> &'static str {
    statement.sql
}

/// Reads one entry.
pub(crate) async fn find(database: &Database, caller: &Caller, id: EntryId) -> storage::Result<Entry> {
    database.read(caller, |tx| async move { tx.fetch_one(&FIND, params![id]).await }.boxed()).await
}

/// Writes one entry under a new id; it is on disk when this returns.
pub(crate) async fn insert(database: &Database, caller: &Caller) -> storage::Result<u64> {
    database.write(caller, |tx| insert_within(tx).boxed()).await
}

/// Adds the rows that the readers find.
pub(crate) async fn fill(database: &Database, caller: &Caller) -> storage::Result<u64> {
    database.write(caller, |tx| fill_within(tx).boxed()).await
}

/// Writes one mark; it is on disk when this returns.
pub(crate) async fn mark(database: &Database, caller: &Caller, writer: i64, sequence: i64) -> storage::Result<u64> {
    database.write(caller, move |tx| mark_within(tx, writer, sequence).boxed()).await
}

/// Lists a writer's marks.
pub(crate) async fn marks(database: &Database, caller: &Caller, writer: i64) -> storage::Result<Vec<i64>> {
    let rows: Vec<(i64,)> =
        database.read(caller, |tx| async move { tx.fetch(&MARKS, params![writer]).await }.boxed()).await?;
    Ok(rows.into_iter().map(|(sequence,)| sequence).collect())
}

async fn insert_within(tx: &mut Tx) -> storage::Result<u64> {
    let (id, now) = (tx.id(), tx.now());
    tx.execute(&INSERT, &row(id, now)).await
}

async fn fill_within(tx: &mut Tx) -> storage::Result<u64> {
    let rows: Vec<Vec<Value<'_>>> =
        (0..ROWS).map(|number| row(EntryId::from_u128(number), Timestamp::EPOCH).to_vec()).collect();
    tx.execute_many(&INSERT, &rows).await
}

async fn mark_within(tx: &mut Tx, writer: i64, sequence: i64) -> storage::Result<u64> {
    tx.execute(&MARK, params![writer, sequence]).await
}

fn row(id: EntryId, made_at: Timestamp) -> [Value<'static>; 5] {
    [id.into(), TITLE.into(), 0.25.into(), true.into(), made_at.into()]
}
