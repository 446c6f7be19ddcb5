//! The table that the benchmarks of storage read and write, through storage and through the bare drivers.

use base::{Caller, Value};
use futures_util::FutureExt;
use storage::{Database, Decode, Result, Row, Schema, Statement, Tx, params, statements};

/// Rows that the readers find.
pub(crate) const ROWS: i64 = 10_000;
/// The writer whose rows are read.
pub(crate) const READ_FROM: i64 = 0;
/// What every row holds.
pub(crate) const TITLE: &str = "An entry of the usual length of a title";

pub(crate) static SCHEMA: Schema = storage::schema!("bench", ["0001_entry.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[STATEMENTS];

statements! {
    /// Finds one entry.
    FIND: read [entry] = "SELECT writer, sequence, title, share, checked FROM entry WHERE tenant_id = $1 AND writer = $2 AND sequence = $3";
    /// Adds an entry.
    INSERT: write [entry] = "INSERT INTO entry (tenant_id, writer, sequence, title, share, checked) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Lists what a writer has written.
    SEQUENCES: read [entry] = "SELECT sequence FROM entry WHERE tenant_id = $1 AND writer = $2 ORDER BY sequence";
}

/// An entry as the readers decode it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) writer: i64,
    pub(crate) sequence: i64,
    pub(crate) title: String,
    pub(crate) share: f64,
    pub(crate) checked: bool,
}

impl Entry {
    /// Returns a number that depends on every column, so that none is read in vain.
    pub(crate) fn digest(&self) -> i64 {
        self.writer + self.sequence + self.title.len() as i64 + self.share as i64 + i64::from(self.checked)
    }
}

impl Decode for Entry {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            writer: row.take()?,
            sequence: row.take()?,
            title: row.take()?,
            share: row.take()?,
            checked: row.take()?,
        })
    }
}

/// Returns the text of a statement, for the bare drivers.
pub(crate) fn sql(statement: &Statement) -> &'static str {
    statement.sql
}

/// Reads one entry.
pub(crate) async fn find(database: &Database, caller: &Caller, sequence: i64) -> Result<Entry> {
    database.read(caller, |tx| async move { tx.fetch_one(&FIND, params![READ_FROM, sequence]).await }.boxed()).await
}

/// Writes one entry; it is on disk when this returns.
pub(crate) async fn insert(database: &Database, caller: &Caller, writer: i64, sequence: i64) -> Result<u64> {
    database.write(caller, move |tx| insert_within(tx, writer, sequence).boxed()).await
}

/// Lists the numbers that a writer has written.
pub(crate) async fn sequences(database: &Database, caller: &Caller, writer: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> =
        database.read(caller, |tx| async move { tx.fetch(&SEQUENCES, params![writer]).await }.boxed()).await?;
    Ok(rows.into_iter().map(|(sequence,)| sequence).collect())
}

/// Adds the rows that the readers find.
pub(crate) async fn fill(database: &Database, caller: &Caller) -> Result<u64> {
    database.write(caller, |tx| fill_within(tx).boxed()).await
}

async fn fill_within(tx: &mut Tx) -> Result<u64> {
    let rows: Vec<Vec<Value<'_>>> = (0..ROWS).map(|sequence| row(READ_FROM, sequence).to_vec()).collect();
    tx.execute_many(&INSERT, &rows).await
}

async fn insert_within(tx: &mut Tx, writer: i64, sequence: i64) -> Result<u64> {
    tx.execute(&INSERT, &row(writer, sequence)).await
}

fn row(writer: i64, sequence: i64) -> [Value<'static>; 5] {
    [writer.into(), sequence.into(), TITLE.into(), 0.25.into(), true.into()]
}
