//! `cargo xtask engines`: private PostgreSQL, NATS and Redis for tests, started on free ports and gone afterwards.
//!
//! Owns their data folder, their ports and their processes. Never touches a server that it did not start.
//! Start reading at [`Engines::start`]; each engine has a file.

mod certificates;
pub(crate) mod missing;
mod nats;
mod postgres;
mod redis;
mod server;

use std::{fs, process::Command, time::Duration};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{
    process::{self, Interrupt},
    workspace,
};

/// Running engines. Dropping it stops them and removes their data.
pub(crate) struct Engines {
    postgres: postgres::Postgres,
    nats: server::Server,
    redis: server::Server,
    // After the servers: fields are dropped in this order, and the folder may go only when they have ended.
    _folder: TempDir,
}

impl Engines {
    /// Starts all three in a fresh folder under `target/engines`.
    pub(crate) fn start() -> Result<Self> {
        let parent = workspace::target()?.join("engines");
        fs::create_dir_all(&parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(&parent)?;
        let postgres = postgres::Postgres::start(folder.path())?;
        let nats = nats::start(&folder.path().join("nats"))?;
        let redis = redis::start(&folder.path().join("redis"))?;
        Ok(Self { postgres, nats, redis, _folder: folder })
    }

    /// Returns the environment variables by which tests find the engines.
    pub(crate) fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("FPMS_TEST_POSTGRES", self.postgres.url()),
            ("FPMS_TEST_POSTGRES_TLS", self.postgres.tls_url()),
            ("FPMS_TEST_POSTGRES_AUTHORITIES", self.postgres.authorities().display().to_string()),
            ("FPMS_TEST_NATS", format!("nats://127.0.0.1:{}", self.nats.port())),
            ("FPMS_TEST_REDIS", format!("redis://127.0.0.1:{}", self.redis.port())),
        ]
    }
}

/// Starts the engines and prints their variables; runs `command` with them, or waits for Ctrl-C when there is none.
pub(crate) fn run(command: &[String]) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    missing::provide()?;
    let engines = Engines::start()?;
    for (name, value) in engines.variables() {
        println!("{name}={value}");
    }
    let Some((program, arguments)) = command.split_first() else {
        while !interrupt.raised() {
            process::pause(Duration::from_millis(100));
        }
        return Ok(());
    };
    let mut command = Command::new(program);
    command.args(arguments).envs(engines.variables());
    process::run_until(command, &interrupt)
}
