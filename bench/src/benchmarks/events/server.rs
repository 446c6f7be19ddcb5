//! A NATS server of the benchmark's own, with JetStream on a real disk.

use std::process::Stdio;

use anyhow::{Context, Result};
use messaging::bus::nats::Settings;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{
    benchmarks::gateway::peers::{free_address, listening},
    installation,
};

/// A server that runs; killed when dropped.
pub(super) struct NatsServer {
    url: String,
    _child: Child,
    _store: TempDir,
}

impl NatsServer {
    /// Starts a server on a free port.
    pub(super) async fn start() -> Result<Self> {
        let (address, store) = (free_address()?, installation::folder()?);
        let mut command = Command::new("nats-server");
        command.args(["--addr", &address.ip().to_string(), "--port", &address.port().to_string()]);
        command.args(["--jetstream", "--store_dir"]).arg(store.path());
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = quiet.kill_on_drop(true).spawn();
        let child = child.context("nats-server is missing: install the package `nats-server`")?;
        listening(address).await?;
        Ok(Self { url: format!("nats://{address}"), _child: child, _store: store })
    }

    /// Returns its address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns how to reach it, under a prefix that nobody else has.
    pub(super) fn settings(&self) -> Settings {
        let prefix = format!("bench-{:016x}", u64::from_ne_bytes(installation::ambient().bytes()));
        Settings { url: self.url.clone(), credentials: None, prefix, replicas: 1 }
    }
}
