//! A connection in use by one unit of work.
//!
//! The tenant is a setting of the session (`fpms.tenant`) that row-level security compares each row with. It is sent only when
//! it differs from the connection's last. It, `BEGIN` and the check of the bucket travel with the unit's first statement, so
//! that a point read is one round trip, a small write two, and a unit without statements none.

use deadpool::managed::Object;
use futures_util::{TryStreamExt, future};
use tokio::time::Instant;
use tokio_postgres::Statement as Prepared;

use base::Value;

use super::{
    TenantFence,
    entry::Entry,
    parameter::Parameter,
    pool::{Connection, Manager},
};
use crate::{Decode, Error, ROWS_MAX, Result, Row, statement::Statement, tx::Bound};

/// Statements sent ahead of their answers in [`Session::execute_many`].
const PIPELINE_MAX: usize = 256;

/// A connection in use. Dropped with its transaction open, it is closed and not pooled again.
pub(crate) struct Session {
    connection: Option<Object<Manager>>,
    tenant: TenantFence,
    stage: Stage,
}

/// How far the unit has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent. A writer's first statement takes `BEGIN` along, and a check that the bucket is here.
    Fresh { writes: bool, bucket: Option<(i64, i64)> },
    /// A reader's statements need no transaction.
    Reading,
    /// `BEGIN` was sent.
    Open,
    /// The unit could not begin, or not here at this epoch: what was sent is rolled back, whatever the unit says.
    Refused { epoch: Option<i64> },
    /// Committed, rolled back or never begun.
    Ended,
}

impl Session {
    pub(super) fn reader(connection: Object<Manager>, tenant: TenantFence) -> Self {
        Self { connection: Some(connection), tenant, stage: Stage::Fresh { writes: false, bucket: None } }
    }

    pub(super) fn writer(connection: Object<Manager>, tenant: TenantFence, bucket: Option<(i64, i64)>) -> Self {
        Self { connection: Some(connection), tenant, stage: Stage::Fresh { writes: true, bucket } }
    }

    /// Sends `statement` with what must come before it, if anything, and waits for both.
    async fn send<T>(
        &mut self,
        statement: &'static Statement,
        run: impl AsyncFnOnce(&Connection, &Prepared) -> Result<T>,
    ) -> Result<T> {
        let (stage, tenant) = (self.stage, self.tenant);
        let connection = self.connection.as_deref_mut().ok_or(Error::Misuse("ran after its end"))?;
        let prepared = connection.prepare(statement).await?;
        match stage {
            Stage::Reading | Stage::Open => run(connection, &prepared).await,
            Stage::Refused { epoch } => Err(refused(epoch)),
            Stage::Ended => Err(Error::Misuse("ran after its end")),
            Stage::Fresh { writes, bucket } => {
                let entry = Entry::prepare(connection, tenant, writes, bucket).await?;
                self.stage = if writes { Stage::Open } else { Stage::Reading };
                // Messages are sent in this order and answered in this order: one round trip.
                let (entered, outcome) = future::join(entry.send(connection), run(connection, &prepared)).await;
                let missed = match entered {
                    Ok(missed) => missed,
                    Err(failure) => {
                        self.stage = Stage::Refused { epoch: None };
                        return Err(failure);
                    }
                };
                connection.tenant = Some(tenant);
                if missed.is_some() {
                    self.stage = Stage::Refused { epoch: missed };
                    return Err(refused(missed));
                }
                outcome
            }
        }
    }

    pub(crate) async fn fetch<T: Decode>(
        &mut self,
        statement: &'static Statement,
        parameters: &[Value<'_>],
    ) -> Result<Vec<T>> {
        let rows = self
            .send(statement, async |connection, prepared| {
                let began = Instant::now();
                let rows = rows(connection, prepared, statement, parameters).await;
                statement.observe(began.elapsed(), rows.as_ref().ok().map(|rows| rows.len() as u64));
                rows
            })
            .await?;
        rows.iter().map(|row| T::decode(&mut Row::postgres(row, statement))).collect()
    }

    pub(crate) async fn execute(&mut self, statement: &'static Statement, parameters: &[Value<'_>]) -> Result<u64> {
        self.send(statement, async |connection, prepared| {
            let began = Instant::now();
            let changed = connection.client.execute_raw(prepared, parameters.iter().map(Parameter)).await;
            statement.observe(began.elapsed(), changed.as_ref().ok().copied());
            changed.map_err(|e| connection.error(statement.id, e))
        })
        .await
    }

    pub(crate) async fn execute_many(&mut self, statement: &'static Statement, rows: &[Bound<'_>]) -> Result<u64> {
        let mut changed = 0;
        for chunk in rows.chunks(PIPELINE_MAX) {
            changed += self
                .send(statement, async |connection, prepared| {
                    let began = Instant::now();
                    let runs =
                        chunk.iter().map(|row| connection.client.execute_raw(prepared, row.iter().map(Parameter)));
                    let counts: std::result::Result<Vec<u64>, _> = future::try_join_all(runs).await;
                    let rows = counts.as_ref().ok().map(|counts| counts.iter().sum());
                    statement.observe(began.elapsed(), rows);
                    counts.map_err(|e| connection.error(statement.id, e)).map(|_| rows.unwrap_or_default())
                })
                .await?;
        }
        Ok(changed)
    }

    /// Commits, or rolls back and says why when the unit may not write here.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        match self.stage {
            Stage::Open => self.end("COMMIT").await,
            Stage::Refused { epoch } => {
                self.end("ROLLBACK").await?;
                Err(refused(epoch))
            }
            Stage::Fresh { .. } | Stage::Reading | Stage::Ended => Ok(()),
        }
    }

    /// Rolls back.
    pub(crate) async fn roll_back(&mut self) -> Result<()> {
        match self.stage {
            Stage::Open | Stage::Refused { .. } => self.end("ROLLBACK").await,
            Stage::Fresh { .. } | Stage::Reading | Stage::Ended => Ok(()),
        }
    }

    async fn end(&mut self, sql: &'static str) -> Result<()> {
        let connection = self.connection.as_deref().ok_or(Error::Misuse("ran after its end"))?;
        connection.client.batch_execute(sql).await.map_err(|e| connection.error("commit", e))?;
        self.stage = Stage::Ended;
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if matches!(self.stage, Stage::Open | Stage::Refused { .. })
            && let Some(connection) = self.connection.take()
        {
            // Out of the pool and closed, which rolls the transaction back.
            drop(Object::take(connection));
        }
    }
}

fn refused(epoch: Option<i64>) -> Error {
    epoch.map_or(Error::Misuse("went on after it could not begin"), |epoch| Error::StaleEpoch { epoch })
}

async fn rows(
    connection: &Connection,
    prepared: &Prepared,
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
