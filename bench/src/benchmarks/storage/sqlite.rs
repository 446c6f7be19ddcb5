//! SQLite: storage beside rusqlite with a cached statement, each on a file of the same shape.

use std::path::Path;

use anyhow::Result;
use base::{Clock, Id, TenantId};
use futures_util::{FutureExt, future::BoxFuture};
use runtime::SystemClock;
use rusqlite::{Connection, params};

use crate::{
    figures,
    harness::{Contender, compare},
    installation::{self, Installation},
    ledger::{self, Entry, EntryId, FIND, INSERT, ROWS, TITLE},
};

/// Compares point reads of 10,000 rows.
pub(super) async fn reads() -> Result<()> {
    let (ours, theirs) = (installation::folder()?, installation::folder()?);
    let installation = Installation::sqlite(ours.path()).await?;
    ledger::fill(&installation.database, &installation.caller).await?;
    let theirs = Rusqlite::beside(&installation, theirs.path()).await?;
    fill(&theirs.connection, theirs.tenant)?;
    theirs.connection.pragma_update(None, "query_only", true)?;
    let ours = Ours { installation, next: 0 };
    let comparison = compare("sqlite point read", vec![Box::new(Reading(ours)), Box::new(Reading(theirs))]).await?;
    figures::ratio("storage.sqlite_read_cpu_ratio", comparison.cpu_ratio(1));
    Ok(())
}

/// Compares writes of one row, each on disk before the next begins.
pub(super) async fn writes() -> Result<()> {
    let (ours, theirs) = (installation::folder()?, installation::folder()?);
    let installation = Installation::sqlite(ours.path()).await?;
    let theirs = Rusqlite::beside(&installation, theirs.path()).await?;
    let ours = Ours { installation, next: 0 };
    let contenders: Vec<Box<dyn Contender>> = vec![Box::new(Writing(ours)), Box::new(Writing(theirs))];
    let comparison = compare("sqlite small write, durable, one after the other", contenders).await?;
    figures::ratio("storage.sqlite_write_cpu_ratio", comparison.cpu_ratio(1));
    Ok(())
}

struct Reading<C>(C);
struct Writing<C>(C);

struct Ours {
    installation: Installation,
    next: u128,
}

struct Rusqlite {
    connection: Connection,
    tenant: TenantId,
    next: u128,
}

impl Rusqlite {
    /// Opens a file that storage made in `folder`, for the tenant of `installation`.
    async fn beside(installation: &Installation, folder: &Path) -> Result<Self> {
        drop(Installation::sqlite(folder).await?);
        let connection = connect(&folder.join("shard-0/bench.db"))?;
        Ok(Self { connection, tenant: installation.caller.tenant(), next: 0 })
    }
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
                digest += find(&self.0.connection, self.0.tenant, step(&mut self.0.next))?.digest();
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
                ledger::insert(database, caller).await?;
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
            let ambient = installation::ambient();
            for _ in 0..operations {
                insert(&self.0.connection, self.0.tenant, ambient.id())?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Opens a file with the settings that storage gives it.
pub(super) fn connect(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    Ok(connection)
}

/// Adds one entry, in a transaction of its own when none is open.
pub(super) fn insert(connection: &Connection, tenant: TenantId, id: EntryId) -> Result<()> {
    let (tenant, id, now) = (tenant.uuid(), id.uuid(), SystemClock.now().as_micros());
    let mut statement = connection.prepare_cached(ledger::sql(&INSERT))?;
    statement.execute(params![tenant.as_bytes(), id.as_bytes(), TITLE, 0.25, true, now])?;
    Ok(())
}

fn find(connection: &Connection, tenant: TenantId, id: EntryId) -> Result<Entry> {
    let (tenant, id) = (tenant.uuid(), id.uuid());
    let mut statement = connection.prepare_cached(ledger::sql(&FIND))?;
    Ok(statement.query_row(params![tenant.as_bytes(), id.as_bytes()], |row| {
        Ok(Entry {
            id: row.get(0)?,
            title: row.get(1)?,
            share: row.get(2)?,
            checked: row.get(3)?,
            made_at: row.get(4)?,
        })
    })?)
}

fn fill(connection: &Connection, tenant: TenantId) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for number in 0..ROWS {
        insert(connection, tenant, EntryId::from_u128(number))?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

/// Returns the next row to read, far from the one before.
pub(super) fn step(next: &mut u128) -> EntryId {
    *next = (*next + 7_919) % ROWS;
    EntryId::from_u128(*next)
}
