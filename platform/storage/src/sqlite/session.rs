//! A connection in use by one unit of work.

use std::{path::Path, sync::Arc};

use parking_lot::Mutex;
use rusqlite::{CachedStatement, Connection, types::ToSqlOutput};
use tokio::time::Instant;

use base::Value;

use super::{connect, error};
use crate::{Decode, Error, ROWS_MAX, Result, Row, statement::Statement, statements};

statements! {
    /// Tells since which epoch a bucket lives here.
    BUCKET_EPOCH: system [bucket_owner] = "SELECT epoch FROM bucket_owner WHERE bucket = $1 AND state = 'owned'";
}

/// Idle reader connections kept per file.
const READERS_MAX: usize = 32;

/// The idle reader connections of a file.
#[derive(Default)]
pub(crate) struct Readers(Mutex<Vec<Connection>>);

/// A connection in use; a reader's goes back to its pool when dropped.
pub(crate) struct Session {
    connection: Option<Connection>,
    home: Option<Arc<Readers>>,
    /// Buckets and epochs that were found here since the transaction began; only a unit of the machine's own can change that.
    checked: Vec<(i64, i64)>,
}

impl Session {
    pub(super) fn reader(path: &Path, readers: &Arc<Readers>) -> Result<Self> {
        let idle = readers.0.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(path, true)?,
        };
        Ok(Self { connection: Some(connection), home: Some(Arc::clone(readers)), checked: Vec::new() })
    }

    pub(super) fn writer(connection: Connection) -> Self {
        Self { connection: Some(connection), home: None, checked: Vec::new() }
    }

    pub(super) fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// Gives the writer its connection back.
    pub(super) fn into_connection(mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// Refuses a bucket that is not here at this epoch. Within one transaction it looks once.
    pub(crate) fn check_bucket(&mut self, bucket: i64, epoch: i64) -> Result<()> {
        if self.checked.contains(&(bucket, epoch)) {
            return Ok(());
        }
        let found: Option<(i64,)> = self.fetch(&BUCKET_EPOCH, &[bucket.into()])?.pop();
        if found != Some((epoch,)) {
            return Err(Error::StaleEpoch { epoch });
        }
        self.checked.push((bucket, epoch));
        Ok(())
    }

    /// Forgets which buckets are here, because the unit that follows may move one.
    pub(crate) fn forget_buckets(&mut self) {
        self.checked.clear();
    }

    pub(crate) fn fetch<T: Decode>(
        &mut self,
        statement: &'static Statement,
        parameters: &[Value<'_>],
    ) -> Result<Vec<T>> {
        let began = Instant::now();
        let answer = self.run(statement, parameters, |prepared| {
            let mut rows = prepared.raw_query();
            let mut answer = Vec::new();
            while let Some(row) = rows.next().map_err(|e| error(statement.id, e))? {
                if answer.len() == ROWS_MAX {
                    return Err(Error::TooManyRows { statement: statement.id });
                }
                answer.push(T::decode(&mut Row::sqlite(row, statement))?);
            }
            Ok(answer)
        });
        statement.observe(began.elapsed(), answer.as_ref().ok().map(|rows| rows.len() as u64));
        answer
    }

    pub(crate) fn execute(&mut self, statement: &'static Statement, parameters: &[Value<'_>]) -> Result<u64> {
        let began = Instant::now();
        let changed = self.run(statement, parameters, |prepared| {
            prepared.raw_execute().map(|rows| rows as u64).map_err(|e| error(statement.id, e))
        });
        statement.observe(began.elapsed(), changed.as_ref().ok().copied());
        changed
    }

    fn run<T>(
        &mut self,
        statement: &'static Statement,
        parameters: &[Value<'_>],
        run: impl FnOnce(&mut CachedStatement<'_>) -> Result<T>,
    ) -> Result<T> {
        let connection = self.connection.as_ref().ok_or(Error::Misuse("ran after its end"))?;
        let mut prepared = connection.prepare_cached(statement.sqlite()).map_err(|e| error(statement.id, e))?;
        for (index, value) in parameters.iter().enumerate() {
            prepared.raw_bind_parameter(index + 1, Bind(value)).map_err(|e| error(statement.id, e))?;
        }
        run(&mut prepared)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let (Some(connection), Some(home)) = (self.connection.take(), self.home.take()) {
            let mut idle = home.0.lock();
            if idle.len() < READERS_MAX {
                idle.push(connection);
            }
        }
    }
}

struct Bind<'a>(&'a Value<'a>);

impl rusqlite::ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::ValueRef;

        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Float(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Id(uuid) => ValueRef::Blob(uuid.as_bytes()),
        }))
    }
}
