//! The pool: connections with their prepared statements and the tenant they are fenced to.

use std::{collections::HashMap, sync::Arc, time::Duration};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use tokio_postgres::{Client, Statement as Prepared};

use runtime::tasks::{OnError, TaskKind};

use super::{Target, TenantFence, Uniques, error};
use crate::{Error, Result, statement::Statement};

/// Longest wait for a connection.
pub(super) const WAIT_TIMEOUT: Duration = Duration::from_secs(5);

const CONNECTION_TASK: TaskKind = TaskKind::new("postgres-connection", OnError::Log);

/// Opens connections.
pub(super) struct Manager {
    target: Target,
    uniques: Arc<Uniques>,
}

impl Manager {
    pub(super) fn new(target: Target, uniques: Uniques) -> Self {
        Self { target, uniques: Arc::new(uniques) }
    }
}

/// A connection, and what is known of its session.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) tenant: Option<TenantFence>,
    prepared: HashMap<&'static str, Prepared>,
    uniques: Arc<Uniques>,
}

impl Connection {
    /// Returns `statement` prepared on this connection.
    pub(super) async fn prepare(&mut self, statement: &'static Statement) -> Result<Prepared> {
        self.prepare_text(statement.id, statement.sql).await
    }

    /// Returns the statement of this id prepared on this connection.
    pub(super) async fn prepare_text(&mut self, id: &'static str, sql: &str) -> Result<Prepared> {
        if let Some(prepared) = self.prepared.get(id) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(sql).await.map_err(|e| self.error(id, e))?;
        self.prepared.insert(id, prepared.clone());
        Ok(prepared)
    }

    /// Says an error of this connection in the words of both engines.
    pub(super) fn error(&self, statement: &'static str, source: tokio_postgres::Error) -> Error {
        error(statement, source, &self.uniques)
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = tokio_postgres::Error;

    async fn create(&self) -> std::result::Result<Connection, Self::Error> {
        let client = self.target.connect(CONNECTION_TASK).await?;
        let uniques = Arc::clone(&self.uniques);
        Ok(Connection { client, tenant: None, prepared: HashMap::new(), uniques })
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Self::Error> {
        // No ping: it would cost as much as the statement that follows, whose own failure says the same.
        if connection.client.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}
