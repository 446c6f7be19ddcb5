//! A database of a benchmark's own in a PostgreSQL server: the one that `FPMS_TEST_POSTGRES` names, or a private one.

use std::process::Command;

use anyhow::{Context, Result, bail};
use base::Ambient;
use runtime::{OnError, TaskKind};
use tokio_postgres::{Client, Config, NoTls};

const VARIABLE: &str = "FPMS_TEST_POSTGRES";
const CONNECTION: TaskKind = TaskKind::new("bench-postgres", OnError::Log);

/// A database, removed by [`Server::remove`].
pub(crate) struct Server {
    administration: Client,
    name: String,
    url: String,
}

impl Server {
    /// Makes an empty database.
    pub(crate) async fn start(ambient: &Ambient) -> Result<Self> {
        let server = address().with_context(|| format!("{VARIABLE} is not set"))?;
        let administration = connect(&server, "bench-administration").await?;
        let name = format!("bench_{:016x}", u64::from_ne_bytes(ambient.bytes()));
        administration.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let (base, _) = server.rsplit_once('/').with_context(|| format!("`{VARIABLE}` names no database"))?;
        let url = format!("{base}/{name}");
        Ok(Self { administration, name, url })
    }

    /// Returns the database's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the server processes that work for connections of this name.
    pub(crate) async fn backends(&self, application: &str) -> Result<Vec<i32>> {
        let sql = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = $2";
        let rows = self.administration.query(sql, &[&self.name, &application]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Says which of the server's settings decide what a commit costs.
    pub(crate) async fn settings(&self) -> Result<String> {
        let sql = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings \
            WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'server_version')";
        Ok(self.administration.query_one(sql, &[]).await?.get(0))
    }

    /// Removes the database and whoever is still connected to it.
    pub(crate) async fn remove(self) -> Result<()> {
        self.administration.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await?;
        Ok(())
    }
}

/// Connects under a name by which [`Server::backends`] finds the connection.
pub(crate) async fn connect(url: &str, application: &str) -> Result<Client> {
    let mut config: Config = url.parse()?;
    let (client, driver) = config.application_name(application).connect(NoTls).await?;
    runtime::spawn(CONNECTION, driver);
    Ok(client)
}

/// Runs this program again within private engines when none is named; returns whether it did.
pub(crate) fn provide() -> Result<bool> {
    if address().is_some() {
        return Ok(false);
    }
    println!("{VARIABLE} is not set: starting a private PostgreSQL");
    let mut command = Command::new("cargo");
    command.args(["xtask", "engines", "--"]).arg(std::env::current_exe()?).args(std::env::args_os().skip(1));
    if !command.status().context("`cargo xtask engines` cannot be started")?.success() {
        bail!("the run within private engines failed");
    }
    Ok(true)
}

fn address() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the engines of tests and benchmarks are named by the environment")]
    std::env::var(VARIABLE).ok()
}
