//! Two replicas of each service under an even load, while one part after the other fails.
//!
//! Requests are sent on a fixed timetable and timed from when they were due, so that a wait is never hidden by the
//! requests it kept from being sent. Start reading at [`run`].

mod faults;
mod load;
mod report;
mod stranger;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use runtime::{OnError, TaskKind};
use tokio::{
    signal,
    time::{self, Instant},
};

use self::{
    faults::Fault,
    load::{Load, Tally},
    stranger::Strangers,
};
use crate::{
    benchmarks::desk::{Desk, items, text},
    cluster::Cluster,
    hosts::Hosts,
    installation, machine, postgres,
    server::Place,
};

const SECONDS: u64 = 60;
/// Requests a second.
const RATE: u32 = 2_000;
/// Load without a fault, before the first, which says what is normal.
const QUIET: Duration = Duration::from_secs(10);
/// From the beginning of one fault to the beginning of the next.
const EVERY: Duration = Duration::from_secs(4);
const LOAD: TaskKind = TaskKind::new("failover-load", OnError::Log);

/// What happened, and when.
struct Injected {
    fault: Fault,
    at: Duration,
}

/// What is asked for on the command line.
struct Wanted {
    rounds: Duration,
    /// Requests a second, at least 2.
    rate: u32,
    /// Whether the data is in PostgreSQL, and not in files that all processes lock.
    postgres: bool,
    /// Whether the replicas are on hosts of their own.
    hosts: bool,
}

/// Runs the cluster under load through all faults in turn, and says what failed, what was lost and how long it hurt.
pub(super) async fn run(arguments: Vec<String>) -> Result<()> {
    let wanted = Wanted::of(&arguments)?;
    println!("{}", machine::summary());
    tokio::select! {
        outcome = on_storage(&wanted) => outcome,
        // What was made on the way is removed then, too.
        _ = signal::ctrl_c() => bail!("interrupted"),
    }
}

impl Wanted {
    fn of(arguments: &[String]) -> Result<Self> {
        let mut wanted = Self { rounds: Duration::from_secs(SECONDS), rate: RATE, postgres: false, hosts: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--seconds" => {
                    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok()).context("--seconds N")?;
                    wanted.rounds = Duration::from_secs(seconds);
                }
                "--rate" => {
                    let rate = arguments.next().and_then(|rate| rate.parse().ok()).filter(|rate| *rate >= 2);
                    wanted.rate = rate.context("--rate N, at least 2")?;
                }
                "--postgres" => wanted.postgres = true,
                "--hosts" => wanted.hosts = true,
                _ => bail!("only --seconds N, --rate N, --postgres and --hosts are understood"),
            }
        }
        if wanted.postgres && wanted.hosts {
            bail!("--hosts goes without --postgres: the private server listens on the loopback of this host alone");
        }
        Ok(wanted)
    }
}

async fn on_storage(wanted: &Wanted) -> Result<()> {
    let place = Place::new()?;
    if !wanted.postgres {
        return survive(&place, wanted).await;
    }
    if postgres::provide()? {
        return Ok(());
    }
    let server = postgres::Server::start(&installation::ambient()).await?;
    let outcome = survive(&place.on_postgres(server.url()), wanted).await;
    server.remove().await?;
    outcome
}

async fn survive(place: &Place, wanted: &Wanted) -> Result<()> {
    // First, so that a machine that cannot have them says so at once.
    let hosts = if wanted.hosts { Some(Hosts::make()?) } else { None };
    let load = prepare(place, wanted.rate).await?;
    let mut cluster = Cluster::start(place, hosts, &load.first()).await?;
    let strangers = Strangers::of(place, cluster.registry_address).await?;
    let began = Instant::now();
    let tally = Arc::new(Tally::default());
    let driver = runtime::spawn(LOAD, load.clone().drive(QUIET + wanted.rounds, Arc::clone(&tally)));
    time::sleep(QUIET).await;
    let mut injected = Vec::new();
    let mut faults = Fault::of(&cluster).cycle();
    while let Some(fault) = faults.next().filter(|_| began.elapsed() + EVERY <= QUIET + wanted.rounds) {
        let at = began.elapsed();
        injected.push(Injected { fault, at });
        fault.happen(&mut cluster, &strangers, injected.len()).await?;
        time::sleep_until(began + at + EVERY).await;
    }
    driver.await.context("the load")?;
    let lost = load.lost(&tally).await?;
    report::print(&tally, &injected, lost)
}

/// Fills the folder with the demo, and learns what the load asks for.
async fn prepare(place: &Place, rate: u32) -> Result<Load> {
    let server = place.serve().await?;
    let mut desk = Desk::open(place).await?;
    let token = desk.coordinator(&server).await?;
    let ids = |page: &serde_json::Value| items(page).iter().map(|item| text(item, "id")).collect::<Result<Vec<_>>>();
    let cycles = desk.get("/api/v1/cycles", &token).await?;
    let topics = desk.get("/api/v1/topics?limit=50", &token).await?;
    let first = items(&topics).first().context("no topic")?;
    let load = Load {
        rate,
        address: place.address,
        cycle: text(items(&cycles).first().context("no cycle")?, "id")?,
        supervisor: text(first.get("supervisor").context("no supervisor")?, "id")?,
        topics: ids(&topics)?,
        projects: ids(&desk.get("/api/v1/projects?limit=50", &token).await?)?,
        token,
    };
    server.kill().await?;
    Ok(load)
}
