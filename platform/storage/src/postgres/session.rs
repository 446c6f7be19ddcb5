//! A connection in use by one unit of work.
//!
//! The tenant is a setting of the session (`fpms.tenant`) that row-level security compares each row with. It is sent only when
//! it differs from the connection's last, and together with the first statement, so that a point read is one round trip.

use deadpool::managed::Object;
use futures_util::{TryStreamExt, future};
use tokio::time::Instant;
use tokio_postgres::types::ToSql;

use base::{Id, Value};

use super::{
    TenantFence,
    parameter::Parameter,
    pool::{Connection, Manager},
};
use crate::{Decode, Error, ROWS_MAX, Result, Row, statement::Statement, tx::Bound};

/// Statements sent ahead of their answers in [`Session::execute_many`].
const PIPELINE_MAX: usize = 256;
/// Advisory locks of buckets; the second key is the bucket.
const BUCKET_LOCKS: &str = "SELECT pg_advisory_xact_lock_shared(7301, CAST(CAST($1 AS BIGINT) AS INTEGER))";
const BUCKET_EPOCH: &str = "SELECT epoch FROM bucket_owner WHERE bucket = $1 AND state = 'owned'";

/// A connection in use. Dropped with its transaction open, it is closed and not pooled again.
pub(crate) struct Session {
    connection: Option<Object<Manager>>,
    in_transaction: bool,
}

impl Session {
    pub(super) async fn reader(connection: Object<Manager>, tenant: TenantFence) -> Result<Self> {
        let mut session = Self { connection: Some(connection), in_transaction: false };
        session.fence(tenant).await?;
        Ok(session)
    }

    pub(super) async fn writer(
        connection: Object<Manager>,
        tenant: TenantFence,
        fence: Option<(i64, i64)>,
    ) -> Result<Self> {
        let mut session = Self { connection: Some(connection), in_transaction: false };
        session.fence(tenant).await?;
        session.in_transaction = true;
        match fence {
            None => {
                let connection = session.connection()?;
                connection.client.batch_execute("BEGIN").await.map_err(|e| connection.error("begin", e))?;
            }
            Some((bucket, epoch)) => session.begin_in(bucket, epoch).await?,
        }
        Ok(session)
    }

    /// Begins a transaction and checks, under a lock that a mover of the bucket waits for, that the bucket is still here.
    async fn begin_in(&mut self, bucket: i64, epoch: i64) -> Result<()> {
        let connection = self.connection()?;
        let lock = connection.prepare_text("storage::bucket_lock", BUCKET_LOCKS).await?;
        let find = connection.prepare_text("storage::bucket_epoch", BUCKET_EPOCH).await?;
        let client = &connection.client;
        let parameters: [&(dyn ToSql + Sync); 1] = [&bucket];
        // Three messages, one round trip. The lock comes before the look: the look then sees what any mover has committed.
        let ((), _, found) = future::try_join3(
            client.batch_execute("BEGIN"),
            client.execute_raw(&lock, parameters),
            client.query_opt(&find, &parameters),
        )
        .await
        .map_err(|e| connection.error("begin", e))?;
        match found {
            Some(row) if row.get::<_, i64>(0) == epoch => Ok(()),
            _ => Err(Error::StaleEpoch { epoch }),
        }
    }

    async fn fence(&mut self, tenant: TenantFence) -> Result<()> {
        let connection = self.connection()?;
        if connection.tenant == Some(tenant) {
            return Ok(());
        }
        connection.tenant = None;
        let text = match tenant {
            TenantFence::One(tenant) => tenant.uuid().simple().to_string(),
            TenantFence::All => "*".to_owned(),
        };
        let set = connection.client.batch_execute(&format!("SET fpms.tenant = '{text}'")).await;
        set.map_err(|e| connection.error("fence", e))?;
        connection.tenant = Some(tenant);
        Ok(())
    }

    pub(crate) async fn fetch<T: Decode>(
        &mut self,
        statement: &'static Statement,
        parameters: &[Value<'_>],
    ) -> Result<Vec<T>> {
        let connection = self.connection()?;
        let prepared = connection.prepare(statement).await?;
        let began = Instant::now();
        let rows = rows(connection, &prepared, statement, parameters).await;
        statement.observe(began.elapsed(), rows.as_ref().ok().map(|rows| rows.len() as u64));
        rows?.iter().map(|row| T::decode(&mut Row::postgres(row, statement))).collect()
    }

    pub(crate) async fn execute(&mut self, statement: &'static Statement, parameters: &[Value<'_>]) -> Result<u64> {
        let connection = self.connection()?;
        let prepared = connection.prepare(statement).await?;
        let began = Instant::now();
        let changed = connection.client.execute_raw(&prepared, parameters.iter().map(Parameter)).await;
        statement.observe(began.elapsed(), changed.as_ref().ok().copied());
        changed.map_err(|e| connection.error(statement.id, e))
    }

    pub(crate) async fn execute_many(&mut self, statement: &'static Statement, rows: &[Bound<'_>]) -> Result<u64> {
        let connection = self.connection()?;
        let prepared = connection.prepare(statement).await?;
        let mut changed = 0;
        for chunk in rows.chunks(PIPELINE_MAX) {
            let began = Instant::now();
            let runs = chunk.iter().map(|row| connection.client.execute_raw(&prepared, row.iter().map(Parameter)));
            let counts: Vec<u64> = future::try_join_all(runs).await.map_err(|e| connection.error(statement.id, e))?;
            let rows = counts.iter().sum();
            statement.observe(began.elapsed(), Some(rows));
            changed += rows;
        }
        Ok(changed)
    }

    /// Commits.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        self.end("COMMIT").await
    }

    /// Rolls back.
    pub(crate) async fn roll_back(&mut self) -> Result<()> {
        self.end("ROLLBACK").await
    }

    async fn end(&mut self, sql: &'static str) -> Result<()> {
        let connection = self.connection()?;
        connection.client.batch_execute(sql).await.map_err(|e| connection.error("commit", e))?;
        self.in_transaction = false;
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut Connection> {
        self.connection.as_deref_mut().ok_or(Error::Misuse("ran after its end"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.in_transaction
            && let Some(connection) = self.connection.take()
        {
            // Out of the pool and closed, which rolls the transaction back.
            drop(Object::take(connection));
        }
    }
}

async fn rows(
    connection: &Connection,
    prepared: &tokio_postgres::Statement,
    statement: &'static Statement,
    parameters: &[Value<'_>],
) -> Result<Vec<tokio_postgres::Row>> {
    let failed = |e| connection.error(statement.id, e);
    let answer = connection.client.query_raw(prepared, parameters.iter().map(Parameter)).await.map_err(failed)?;
    let mut answer = std::pin::pin!(answer);
    let mut rows = Vec::new();
    while let Some(row) = answer.try_next().await.map_err(failed)? {
        if rows.len() == ROWS_MAX {
            return Err(Error::TooManyRows { statement: statement.id });
        }
        rows.push(row);
    }
    Ok(rows)
}
