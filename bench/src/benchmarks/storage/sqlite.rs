//! SQLite: storage beside rusqlite with a cached statement, each on a file of the same shape.

use std::path::Path;

use anyhow::Result;
use base::{Id, TenantId};
use futures_util::{FutureExt, future::BoxFuture};
use rusqlite::{Connection, params};

use crate::{
    figures,
    harness::{Contender, compare},
    installation::{self, Installation},
    ledger::{self, Entry, FIND, INSERT, READ_FROM, ROWS, TITLE},
};

pub(super) async fn run() -> Result<()> {
    let (ours, theirs) = (installation::folder()?, installation::folder()?);
    let installation = Installation::sqlite(ours.path()).await?;
    ledger::fill(&installation.database, &installation.caller).await?;
    let tenant = installation.caller.tenant();
    drop(Installation::sqlite(theirs.path()).await?);
    let file = theirs.path().join("shard-0/bench.db");
    fill(&connect(&file, false)?, tenant)?;

    let ours = Ours { installation, next: 0 };
    let theirs = Rusqlite { connection: connect(&file, true)?, tenant, next: 0 };
    let reads = compare("sqlite point read", vec![Box::new(Reading(ours)), Box::new(Reading(theirs))]).await?;

    let ours = Ours { installation: Installation::sqlite(installation::folder()?.path()).await?, next: 0 };
    let theirs = Rusqlite { connection: connect(&file, false)?, tenant, next: 0 };
    let writes = compare(
        "sqlite small write, durable, one after the other",
        vec![Box::new(Writing(ours)), Box::new(Writing(theirs))],
    )
    .await?;

    figures::ratio("storage.sqlite_read_cpu_ratio", reads.cpu_ratio(1));
    figures::ratio("storage.sqlite_write_cpu_ratio", writes.cpu_ratio(1));
    Ok(())
}

struct Reading<C>(C);
struct Writing<C>(C);

struct Ours {
    installation: Installation,
    next: i64,
}

struct Rusqlite {
    connection: Connection,
    tenant: TenantId,
    next: i64,
}

impl Contender for Reading<Ours> {
    fn name(&self) -> &'static str {
        "storage"
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let Installation { database, caller } = &self.0.installation;
            let mut digest = 0;
            for _ in 0..operations {
                digest += ledger::find(database, caller, step(&mut self.0.next)).await?.digest();
            }
            std::hint::black_box(digest);
            Ok(())
        }
        .boxed()
    }
}

impl Contender for Reading<Rusqlite> {
    fn name(&self) -> &'static str {
        "rusqlite, cached statement"
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let mut digest = 0;
            for _ in 0..operations {
                let sequence = step(&mut self.0.next);
                digest += find(&self.0.connection, self.0.tenant, sequence)?.digest();
            }
            std::hint::black_box(digest);
            Ok(())
        }
        .boxed()
    }
}

impl Contender for Writing<Ours> {
    fn name(&self) -> &'static str {
        "storage"
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let Installation { database, caller } = &self.0.installation;
            for _ in 0..operations {
                self.0.next += 1;
                ledger::insert(database, caller, 1, self.0.next).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

impl Contender for Writing<Rusqlite> {
    fn name(&self) -> &'static str {
        "rusqlite, cached statement, autocommit"
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            for _ in 0..operations {
                self.0.next += 1;
                insert(&self.0.connection, self.0.tenant, 1, self.0.next)?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Opens a file with the settings that storage gives it.
pub(super) fn connect(file: &Path, read_only: bool) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    connection.pragma_update(None, "query_only", read_only)?;
    Ok(connection)
}

/// Adds one entry, in a transaction of its own when none is open.
pub(super) fn insert(connection: &Connection, tenant: TenantId, writer: i64, sequence: i64) -> Result<()> {
    let tenant = tenant.uuid();
    let mut statement = connection.prepare_cached(ledger::sql(&INSERT))?;
    statement.execute(params![tenant.as_bytes(), writer, sequence, TITLE, 0.25, true])?;
    Ok(())
}

fn find(connection: &Connection, tenant: TenantId, sequence: i64) -> Result<Entry> {
    let tenant = tenant.uuid();
    let mut statement = connection.prepare_cached(ledger::sql(&FIND))?;
    Ok(statement.query_row(params![tenant.as_bytes(), READ_FROM, sequence], |row| {
        Ok(Entry {
            writer: row.get(0)?,
            sequence: row.get(1)?,
            title: row.get(2)?,
            share: row.get(3)?,
            checked: row.get(4)?,
        })
    })?)
}

fn fill(connection: &Connection, tenant: TenantId) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for sequence in 0..ROWS {
        insert(connection, tenant, READ_FROM, sequence)?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

/// Returns the next row to read, far from the one before.
pub(super) fn step(next: &mut i64) -> i64 {
    *next = (*next + 7_919) % ROWS;
    *next
}
