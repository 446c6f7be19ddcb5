//! The pool: connections with their prepared statements and the tenant they are fenced to.

use std::{collections::HashMap, time::Duration};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use tokio_postgres::{Client, Config, NoTls, Statement as Prepared};

use runtime::tasks::{OnError, TaskKind};

use super::{TenantFence, error};
use crate::{Result, statement::Statement};

/// Longest wait for a connection.
pub(super) const WAIT_TIMEOUT: Duration = Duration::from_secs(5);

const CONNECTION_TASK: TaskKind = TaskKind::new("postgres-connection", OnError::Log);

/// Opens connections.
pub(super) struct Manager(Config);

impl Manager {
    pub(super) fn new(config: Config) -> Self {
        Self(config)
    }
}

/// A connection, and what is known of its session.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) tenant: Option<TenantFence>,
    prepared: HashMap<&'static str, Prepared>,
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
        let prepared = self.client.prepare(sql).await.map_err(|e| error(id, e))?;
        self.prepared.insert(id, prepared.clone());
        Ok(prepared)
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = tokio_postgres::Error;

    async fn create(&self) -> std::result::Result<Connection, Self::Error> {
        let (client, driver) = self.0.connect(NoTls).await?;
        runtime::spawn(CONNECTION_TASK, driver);
        Ok(Connection { client, tenant: None, prepared: HashMap::new() })
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Self::Error> {
        // No ping: it would cost as much as the statement that follows, whose own failure says the same.
        if connection.client.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}
