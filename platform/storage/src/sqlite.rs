//! SQLite: one file per service and shard, in WAL mode, every acknowledged write on disk (`synchronous=FULL`).
//!
//! Owns the reader pool and the one writer thread of a file. Never waits for a lock on the async threads.
//! Start reading at [`writer`].

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig, types::ValueRef};

use base::Value;

use crate::{Error, Result};

pub(crate) mod dialect;
pub(crate) mod migrate;
mod plan;
mod session;
pub(crate) mod writer;

pub(crate) use self::session::{STATEMENTS, Session};

/// How long a writer waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 512;
/// Pages of cache per connection, in KiB.
const CACHE_KIB: i64 = 16 * 1024;
/// Pages of the log after which the writer copies them into the file: 16 MiB. A page written often is copied once.
const CHECKPOINT_PAGES: i64 = 4_096;

/// An open database file.
pub(crate) struct File {
    path: PathBuf,
    readers: Arc<session::Readers>,
    writer: writer::Handle,
}

impl File {
    /// Opens the file, which must have been migrated, and starts its writer.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let writer = writer::start(path)?;
        Ok(Self { path: path.to_owned(), readers: Arc::default(), writer })
    }

    /// Returns a session that may only read.
    pub(crate) fn reader(&self) -> Result<Session> {
        Session::reader(&self.path, &self.readers)
    }

    /// Queues a unit of work for the writer.
    pub(crate) async fn submit(&self, unit: Box<dyn writer::Unit>) -> Result<()> {
        self.writer.submit(unit).await
    }

    /// Returns how SQLite means to run `sql`.
    pub(crate) fn explain(&self, sql: &str) -> Result<crate::Plan> {
        plan::explain(&connect(&self.path, true)?, sql)
    }
}

/// Opens a connection with our pragmas.
pub(crate) fn connect(path: &Path, read_only: bool) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // A plan does not hang on the values bound: without this, a statement with `LIKE $n` is parsed anew at each run.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "query_only", read_only)?;
        Ok(connection)
    };
    open().map_err(|error| Error::Unavailable(Box::new(error)))
}

/// Reads column `index` of `row`.
pub(crate) fn column<'a>(row: &'a rusqlite::Row<'a>, index: usize) -> Option<Value<'a>> {
    Some(match row.get_ref(index).ok()? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).ok()?),
        ValueRef::Blob(bytes) => Value::Bytes(bytes),
    })
}

/// Says an engine's error in the words of both.
pub(crate) fn error(statement: &'static str, error: rusqlite::Error) -> Error {
    use rusqlite::ffi;

    let rusqlite::Error::SqliteFailure(code, message) = &error else {
        return Error::Engine { statement, source: Box::new(error) };
    };
    match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
            Error::Unique { constraint: constraint(message.as_deref().unwrap_or_default()) }
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Error::Reference,
        _ if matches!(code.extended_code & 0xff, ffi::SQLITE_BUSY | ffi::SQLITE_FULL | ffi::SQLITE_IOERR) => {
            Error::Unavailable(Box::new(error))
        }
        _ => Error::Engine { statement, source: Box::new(error) },
    }
}

/// Turns `UNIQUE constraint failed: person.tenant_id, person.email` into `person(email)`.
fn constraint(message: &str) -> String {
    let columns = message.split_once(": ").map_or(message, |(_, columns)| columns);
    let mut table = "";
    let mut names = Vec::new();
    for column in columns.split(", ") {
        let (of, name) = column.split_once('.').unwrap_or(("", column));
        table = of;
        if name != "tenant_id" {
            names.push(name);
        }
    }
    format!("{table}({})", names.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_is_named_by_its_columns() {
        assert_eq!(constraint("UNIQUE constraint failed: person.tenant_id, person.email"), "person(email)");
    }
}
