//! The process that is killed: writes through `Database::write` and prints each number after it was acknowledged.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result, bail};
use futures_util::future;
use runtime::{OnError, TaskKind};

use crate::{installation::Installation, ledger};

/// Concurrent writers.
pub(super) const WRITERS: usize = 16;
const WRITER: TaskKind = TaskKind::new("durability-writer", OnError::Log);

/// Writes until it is killed. The arguments are the engine and the folder or address.
pub(crate) async fn run(arguments: Vec<String>) -> Result<()> {
    let [engine, place] = <[String; 2]>::try_from(arguments).ok().context("an engine and a place are needed")?;
    let installation = match engine.as_str() {
        "sqlite" => Installation::sqlite(PathBuf::from(place)).await?,
        "postgres" => Installation::postgres(&place).await?,
        _ => bail!("no engine `{engine}`"),
    };
    let writers = (0..WRITERS).map(|writer| {
        let installation = installation.clone();
        runtime::spawn(WRITER, async move { write(&installation, writer as i64).await })
    });
    future::join_all(writers).await;
    bail!("the writers ended by themselves")
}

async fn write(installation: &Installation, writer: i64) -> Result<()> {
    let Installation { database, caller } = installation;
    let mut sequence = ledger::marks(database, caller, writer).await?.last().copied().unwrap_or_default();
    loop {
        sequence += 1;
        ledger::mark(database, caller, writer, sequence).await?;
        // In one call, so that the kill leaves whole lines in the pipe, and with an end that shows it.
        std::io::stdout().lock().write_all(format!("{writer} {sequence}.\n").as_bytes())?;
    }
}
