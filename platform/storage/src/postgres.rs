//! PostgreSQL: a schema per service in each shard's database, row-level security by tenant as the second fence.
//!
//! Owns the pool and the pipelining of a unit's first steps. Never lets a connection with an open transaction back into the pool.
//! Start reading at [`session`].

use std::{collections::HashMap, path::Path, str::FromStr};

use deadpool::managed::Pool;
use tokio_postgres::{Client, Config, error::SqlState, types::Type};

use base::{TenantId, Value};
use runtime::tasks::TaskKind;

use crate::{Error, Result};

mod entry;
pub(crate) mod migrate;
mod parameter;
mod plan;
mod pool;
mod session;
mod tls;

pub(crate) use self::session::Session;
use self::{
    parameter::Raw,
    pool::Manager,
    tls::{Mode, Tls},
};

/// A service's schema on one PostgreSQL shard.
pub(crate) struct Server {
    pool: Pool<Manager>,
}

impl Server {
    /// Opens a pool of at most `connections_max` connections that see only `schema`.
    pub(crate) async fn open(target: Target, connections_max: usize) -> Result<Self> {
        let uniques = migrate::uniques(&target).await?;
        let manager = Manager::new(target, uniques);
        let pool = Pool::builder(manager)
            .max_size(connections_max)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(pool::WAIT_TIMEOUT))
            .create_timeout(Some(pool::WAIT_TIMEOUT))
            .build()
            .map_err(|error| Error::Settings(error.to_string()))?;
        Ok(Self { pool })
    }

    /// Returns a session for reading, without a transaction: each statement sees the newest committed state.
    pub(crate) async fn reader(&self, tenant: TenantFence) -> Result<Session> {
        Ok(Session::reader(self.connection().await?, tenant))
    }

    /// Returns a session whose first statement begins a transaction, in which the bucket must be here at its epoch.
    pub(crate) async fn writer(&self, tenant: TenantFence, bucket: Option<(i64, i64)>) -> Result<Session> {
        Ok(Session::writer(self.connection().await?, tenant, bucket))
    }

    /// Returns how PostgreSQL means to run `sql`.
    pub(crate) async fn explain(&self, sql: &str) -> Result<crate::Plan> {
        plan::explain(&self.connection().await?.client, sql).await
    }

    /// Returns whether row-level security binds the role we are.
    pub(crate) async fn is_fenced(&self) -> Result<bool> {
        let connection = self.connection().await?;
        let sql = "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user";
        let row = connection.client.query_one(sql, &[]).await.map_err(|e| connection.error("role", e))?;
        Ok(row.get(0))
    }

    /// Returns how our connections are encrypted: protocol and cipher; `None` when they are plain.
    pub(crate) async fn encryption(&self) -> Result<Option<String>> {
        let connection = self.connection().await?;
        let sql = "SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
        let row = connection.client.query_opt(sql, &[]).await.map_err(|e| connection.error("encryption", e))?;
        Ok(row.map(|row| row.get(0)))
    }

    async fn connection(&self) -> Result<deadpool::managed::Object<Manager>> {
        self.pool.get().await.map_err(|error| Error::Unavailable(Box::new(error)))
    }
}

/// Which rows row-level security lets a session see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TenantFence {
    One(TenantId),
    /// Every tenant's: only for statements declared `system`.
    All,
}

/// Where a service's schema is, and how connections to it are protected.
pub(crate) struct Target {
    schema: String,
    config: Config,
    tls: Tls,
}

impl Target {
    /// Parses a shard's address and makes its connections see only `schema`; `roots` are the root certificates of [`tls`].
    pub(crate) fn new(url: &str, schema: &str, roots: &Path) -> Result<Self> {
        let (url, mode) = Mode::take(url)?;
        let mut config = Config::from_str(&url).map_err(|error| Error::Settings(format!("`{schema}`: {error}")))?;
        config.ssl_mode(mode.ssl);
        config.application_name("fpms");
        config.options(format!(
            "-c search_path={schema} -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s \
             -c lock_timeout=10s"
        ));
        Ok(Self { schema: schema.to_owned(), config, tls: Tls::new(mode, roots)? })
    }

    /// Connects; the connection is driven by a task of this kind until the client is gone.
    async fn connect(&self, kind: TaskKind) -> std::result::Result<Client, tokio_postgres::Error> {
        let (client, driver) = self.config.connect(self.tls.clone()).await?;
        runtime::spawn(kind, driver);
        Ok(client)
    }
}

/// Reads column `index` of `row`.
pub(crate) fn column(row: &tokio_postgres::Row, index: usize) -> Option<Value<'_>> {
    row.try_get::<_, Raw<'_>>(index).ok().map(|raw| raw.0)
}

/// Returns true for the types of the portable subset.
fn is_portable(ty: &Type) -> bool {
    matches!(
        *ty,
        Type::BOOL | Type::INT8 | Type::INT4 | Type::INT2 | Type::FLOAT8 | Type::TEXT | Type::VARCHAR | Type::BYTEA
    )
}

/// The unique indexes of a schema: name, and `table(column,column)` without the tenant, as SQLite names them.
pub(crate) type Uniques = HashMap<String, String>;

/// Says an engine's error in the words of both. With row-level security PostgreSQL names the index but not its columns.
pub(crate) fn error(statement: &'static str, error: tokio_postgres::Error, uniques: &Uniques) -> Error {
    let Some(db) = error.as_db_error() else {
        return if error.is_closed() {
            Error::Unavailable(Box::new(error))
        } else {
            Error::Engine { statement, source: Box::new(error) }
        };
    };
    match *db.code() {
        SqlState::UNIQUE_VIOLATION => {
            let index = db.constraint().unwrap_or_default();
            Error::Unique { constraint: uniques.get(index).cloned().unwrap_or_else(|| index.to_owned()) }
        }
        SqlState::FOREIGN_KEY_VIOLATION => Error::Reference,
        SqlState::T_R_DEADLOCK_DETECTED | SqlState::T_R_SERIALIZATION_FAILURE | SqlState::LOCK_NOT_AVAILABLE => {
            Error::Contended
        }
        SqlState::TOO_MANY_CONNECTIONS
        | SqlState::ADMIN_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::DISK_FULL => Error::Unavailable(Box::new(error)),
        _ => Error::Engine { statement, source: Box::new(error) },
    }
}
