//! 64 writers at once, each commit on disk before it is acknowledged: storage's group commit beside one commit for each.

use std::{fs::File, io::Write, os::unix::fs::FileExt, path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use base::TenantId;
use futures_util::future;
use parking_lot::Mutex;
use runtime::{OnError, TaskKind};
use tokio::time::Instant;

use super::sqlite;
use crate::{
    figures::{self, figure, median},
    histogram::Histogram,
    installation::{self, Installation},
    ledger, machine,
};

const WRITERS: usize = 64;
const ROUNDS: usize = 5;
const ROUND_TIME: Duration = Duration::from_secs(2);
const WRITER: TaskKind = TaskKind::new("bench-writer", OnError::Log);

/// What one round saw.
struct Round {
    per_second: f64,
    cpu_us: f64,
    times: Histogram,
}

pub(super) async fn run() -> Result<()> {
    let folder = installation::folder()?;
    println!("\ndisk: {}", machine::file_system(folder.path()));
    println!("disk: write of 4 KiB and fdatasync, median {:.0} us", sync_us(folder.path())?);
    let installation = Installation::sqlite(folder.path()).await?;
    // The first round fills caches and is not counted.
    round(&installation).await?;
    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(round(&installation).await?);
        alone.push(one_by_one(&folder.path().join("shard-0/bench.db"), installation.caller.tenant())?);
    }
    report(&ours, alone);
    Ok(())
}

fn report(rounds: &[Round], alone: Vec<f64>) {
    let of = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
    let mut times = Histogram::default();
    for round in rounds {
        times.merge(&round.times);
    }
    let (per_second, cpu_us) = (of(|round| round.per_second), of(|round| round.cpu_us));
    let best = rounds.iter().map(|round| round.per_second).fold(0.0, f64::max);
    let (middle, high) = (times.quantile(0.5), times.quantile(0.99));
    println!("\n{WRITERS} writers, synchronous=FULL: median of {ROUNDS} rounds of {} s", ROUND_TIME.as_secs());
    println!("{:<44} {:>12} {:>8} {:>8} {:>8}", "contender", "commits/s", "p50 us", "p99 us", "CPU us");
    println!("{:<44} {per_second:>12.0} {:>8} {:>8} {cpu_us:>8.2}", "storage", middle.as_micros(), high.as_micros());
    println!("{:<44} {:>12.0}", "rusqlite, one thread, a commit for each", median(alone));
    figure("storage.sqlite_commits_per_s", format_args!("{per_second:.0}"));
    figure("storage.sqlite_commits_per_s_best", format_args!("{best:.0}"));
    figure("storage.sqlite_commit_p50_us", middle.as_micros());
    figure("storage.sqlite_commit_p99_us", high.as_micros());
    figures::ratio("storage.sqlite_commit_cpu_us", cpu_us);
}

async fn round(installation: &Installation) -> Result<Round> {
    let times = Arc::new(Mutex::new(Histogram::default()));
    let (cpu, began) = (machine::cpu(), Instant::now());
    let writers = (0..WRITERS).map(|_| {
        let (installation, times) = (installation.clone(), Arc::clone(&times));
        runtime::spawn(WRITER, async move {
            let mine = write(&installation, began + ROUND_TIME).await?;
            times.lock().merge(&mine);
            Ok::<_, storage::Error>(())
        })
    });
    future::join_all(writers).await;
    let (wall, cpu) = (began.elapsed(), machine::cpu().saturating_sub(cpu));
    let times = times.lock().clone();
    let commits = times.count() as f64;
    Ok(Round { per_second: commits / wall.as_secs_f64(), cpu_us: cpu.as_secs_f64() * 1e6 / commits, times })
}

async fn write(installation: &Installation, until: Instant) -> storage::Result<Histogram> {
    let mut times = Histogram::default();
    let mut began = Instant::now();
    while began < until {
        ledger::insert(&installation.database, &installation.caller).await?;
        let now = Instant::now();
        times.add(now - began);
        began = now;
    }
    Ok(times)
}

/// Returns the commits a second of one writer that shares them with nobody.
fn one_by_one(file: &Path, tenant: TenantId) -> Result<f64> {
    let connection = sqlite::connect(file)?;
    let (ambient, began, mut commits) = (installation::ambient(), Instant::now(), 0.0);
    while began.elapsed() < ROUND_TIME / 4 {
        sqlite::insert(&connection, tenant, ambient.id())?;
        commits += 1.0;
    }
    Ok(commits / began.elapsed().as_secs_f64())
}

fn sync_us(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("sync"))?;
    file.write_all(&vec![0; 64 * 1024])?;
    file.sync_all()?;
    let mut times = Vec::new();
    for number in 0..200_u64 {
        let began = Instant::now();
        file.write_all_at(&[1; 4096], number % 16 * 4096)?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1e6);
    }
    Ok(median(times))
}
