//! `kill -9` of a writing process, again and again: every write that it acknowledged must be there afterwards (INV-7).
//!
//! The process is killed, not the machine: what a power cut leaves depends on the disk and on `fsync`, which SQLite waits for.
//! Start reading at [`run`].

mod server;
mod tally;
pub(super) mod writer;

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use base::Ambient;
use storage::Settings;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time,
};

use self::tally::Tally;
use crate::{
    figures::figure,
    installation::{self, Installation},
    machine, postgres,
};

const KILLS: u32 = 50;
/// Longest time from the first acknowledged write of a round to its kill.
const LIFE_MAX_MS: u64 = 150;
/// Longest wait for the first acknowledged write.
const START_MAX: Duration = Duration::from_secs(20);

/// Runs all variants, or those named.
pub(super) async fn run(only: Vec<String>) -> Result<()> {
    let wanted = |part: &str| only.is_empty() || only.iter().any(|name| name == part);
    if wanted("postgres") && postgres::provide()? {
        return Ok(());
    }
    println!("{}", machine::summary());
    if wanted("sqlite") {
        let folder = installation::folder()?;
        let settings = Settings::embedded(folder.path());
        survive("sqlite", &settings, &["sqlite".as_ref(), folder.path()]).await?;
        check_file(&folder.path().join("shard-0/bench.db"))?;
    }
    if wanted("postgres") {
        let postgres = postgres::Server::start(&installation::ambient()).await?;
        let settings = installation::on_postgres(postgres.url());
        let outcome = survive("postgres", &settings, &["postgres".as_ref(), postgres.url().as_ref()]).await;
        postgres.remove().await?;
        outcome?;
    }
    if wanted("server") {
        server::survive().await?;
    }
    Ok(())
}

/// Kills a writer on the installation of `settings` so many times and checks after each.
async fn survive(name: &str, settings: &Settings, arguments: &[&Path]) -> Result<()> {
    let ambient = installation::ambient();
    // Made and migrated before the first kill.
    drop(Installation::open(settings.clone()).await?);
    let mut tally = Tally::default();
    for _ in 0..KILLS {
        let mut child = start(arguments)?;
        tally.begin_round();
        let killed = kill_while_writing(&mut child, &mut tally, life(&ambient)).await;
        child.kill().await?;
        killed?;
        tally.check(&Installation::open(settings.clone()).await?).await?;
    }
    println!(
        "{name}: {KILLS} kills, {} writes acknowledged, {} lost, {} gaps, {} found that were in flight",
        tally.acknowledged(),
        tally.lost,
        tally.gaps,
        tally.unacknowledged
    );
    figure(&format!("durability.{name}_kills"), KILLS);
    figure(&format!("durability.{name}_acknowledged"), tally.acknowledged());
    figure(&format!("durability.{name}_lost"), tally.lost + tally.gaps);
    ensure!(tally.lost + tally.gaps == 0, "{name} lost writes that it had acknowledged");
    Ok(())
}

fn start(arguments: &[&Path]) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("durability-writer").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    command.spawn().context("the writer cannot be started")
}

/// Reads what the writer acknowledges, kills it in the midst, and reads what was still in the pipe.
async fn kill_while_writing(child: &mut Child, tally: &mut Tally, life: Duration) -> Result<()> {
    let mut lines = BufReader::new(child.stdout.take().context("no pipe")?).lines();
    let first = time::timeout(START_MAX, lines.next_line()).await.context("the writer wrote nothing in time")??;
    tally.acknowledge(&first.context("the writer ended by itself")?)?;
    let end = time::sleep(life);
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            read = lines.next_line() => tally.acknowledge(&read?.context("the writer ended by itself")?)?,
        }
    }
    child.start_kill()?;
    while let Some(line) = lines.next_line().await? {
        tally.acknowledge(&line)?;
    }
    Ok(())
}

fn life(ambient: &Ambient) -> Duration {
    Duration::from_millis(u64::from_ne_bytes(ambient.bytes()) % LIFE_MAX_MS)
}

fn check_file(file: &Path) -> Result<()> {
    let connection = rusqlite::Connection::open(file)?;
    let found: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(found == "ok", "the file is damaged: {found}");
    println!("sqlite: the file is whole (integrity_check)");
    Ok(())
}
