//! Two replicas of each service under an even load, while one part after the other fails.
//!
//! Requests are sent on a fixed timetable and timed from when they were due, so that a wait is never hidden by the
//! requests it kept from being sent. Start reading at [`run`].

mod faults;
mod load;
mod stranger;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use runtime::{OnError, TaskKind};
use tokio::time::{self, Instant};

use self::{
    faults::Fault,
    load::{Load, Sample, Tally},
    stranger::Strangers,
};
use crate::{
    benchmarks::desk::{Desk, items, text},
    cluster::Cluster,
    figures::figure,
    histogram::Histogram,
    machine,
    server::Place,
};

const SECONDS: u64 = 60;
/// Load without a fault, before the first, which says what is normal.
const QUIET: Duration = Duration::from_secs(5);
/// From the beginning of one fault to the beginning of the next.
const EVERY: Duration = Duration::from_secs(4);
/// Within it requests are taken together for a p99: 500 of them at the rate of the load.
const WINDOW: Duration = Duration::from_millis(250);
/// A p99 is normal up to so many times that of the quiet time.
const NORMAL: u32 = 3;
const LOAD: TaskKind = TaskKind::new("failover-load", OnError::Log);

/// What happened, and when.
struct Injected {
    fault: Fault,
    at: Duration,
}

/// Runs the cluster under load through all faults in turn, and says what failed, what was lost and how long it hurt.
pub(super) async fn run(arguments: Vec<String>) -> Result<()> {
    let seconds = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => SECONDS,
        ["--seconds", seconds] => seconds.parse().context("--seconds N")?,
        _ => bail!("only --seconds N is understood"),
    };
    println!("{}", machine::summary());
    let place = Place::new()?;
    let load = prepare(&place).await?;
    let mut cluster = Cluster::start(&place, &load.first()).await?;
    let strangers = Strangers::of(&place, cluster.registry_address).await?;
    let began = Instant::now();
    let rounds = Duration::from_secs(seconds);
    let tally = Arc::new(Tally::default());
    let driver = runtime::spawn(LOAD, load.clone().drive(QUIET + rounds, Arc::clone(&tally)));
    time::sleep(QUIET).await;
    let mut injected = Vec::new();
    let mut faults = Fault::ALL.into_iter().cycle();
    while let Some(fault) = faults.next().filter(|_| began.elapsed() + EVERY <= QUIET + rounds) {
        let at = began.elapsed();
        injected.push(Injected { fault, at });
        fault.happen(&mut cluster, &strangers, injected.len()).await?;
        time::sleep_until(began + at + EVERY).await;
    }
    driver.await.context("the load")?;
    let lost = load.lost(&tally).await?;
    report(&tally, &injected, lost)
}

/// Fills the folder with the demo, and learns what the load asks for.
async fn prepare(place: &Place) -> Result<Load> {
    let server = place.serve().await?;
    let mut desk = Desk::open(place).await?;
    let token = desk.coordinator(&server).await?;
    let ids = |page: &serde_json::Value| items(page).iter().map(|item| text(item, "id")).collect::<Result<Vec<_>>>();
    let cycles = desk.get("/api/v1/cycles", &token).await?;
    let topics = desk.get("/api/v1/topics?limit=50", &token).await?;
    let first = items(&topics).first().context("no topic")?;
    let load = Load {
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

fn report(tally: &Tally, injected: &[Injected], lost: usize) -> Result<()> {
    let samples = tally.samples();
    let first = injected.first().map_or(Duration::MAX, |injected| injected.at);
    let normal = p99(samples.iter().filter(|sample| sample.due < first));
    println!("without faults: p99 {:.1} ms\n", millis(normal));
    println!(
        "{:<18} {:>5} {:>10} {:>7} {:>12} {:>22}",
        "fault", "times", "requests", "failed", "worst ms", "normal again after ms"
    );
    let mut slowest = Duration::ZERO;
    for fault in Fault::ALL {
        let spans = injected.iter().filter(|injected| injected.fault == fault).map(|injected| injected.at);
        let of = |at: Duration| samples.iter().filter(move |sample| (at..at + EVERY).contains(&sample.due));
        let all: Vec<&Sample> = spans.clone().flat_map(of).collect();
        let back = spans.clone().map(|at| back_to_normal(&samples, at, normal * NORMAL)).max().unwrap_or_default();
        let failed = all.iter().filter(|sample| sample.failed).count();
        let worst = all.iter().map(|sample| sample.took).max().unwrap_or_default();
        println!(
            "{:<18} {:>5} {:>10} {failed:>7} {:>12.0} {:>22}",
            fault.name(),
            spans.count(),
            all.len(),
            millis(worst),
            back.as_millis()
        );
        figure(&format!("failover.{}_failed", fault.name()), failed);
        figure(&format!("failover.{}_normal_after_ms", fault.name()), back.as_millis());
        slowest = slowest.max(back);
    }
    let failed = samples.iter().filter(|sample| sample.failed).count();
    println!("\n{}", machine::summary());
    for (sent, took, what) in tally.slowest(10) {
        let before = injected.iter().rev().find(|injected| injected.at <= sent);
        let fault = before.map_or_else(String::new, |injected| {
            format!(", {:.1} s after {}", sent.saturating_sub(injected.at).as_secs_f64(), injected.fault.name())
        });
        println!("  slow: {:.0} ms{fault}: {what}", millis(took));
    }
    for failure in tally.failures().iter().take(10) {
        println!("  failed: {failure}");
    }
    figure("failover.requests", samples.len());
    figure("failover.p99_quiet_us", normal.as_micros());
    figure("failover.writes_acknowledged", tally.acknowledged().len());
    figure("failover.normal_after_ms", slowest.as_millis());
    figure("failover.failed", failed);
    figure("failover.lost", lost);
    ensure!(lost == 0, "{lost} acknowledged writes are lost");
    ensure!(failed == 0, "{failed} requests failed");
    Ok(())
}

/// Returns how long after `at` the last window ended whose p99 was above `limit`, before the next fault.
fn back_to_normal(samples: &[Sample], at: Duration, limit: Duration) -> Duration {
    let windows = (EVERY.as_millis() / WINDOW.as_millis()) as u32;
    let worse = |window: &u32| {
        let begin = at + WINDOW * *window;
        p99(samples.iter().filter(|sample| (begin..begin + WINDOW).contains(&sample.due))) > limit
    };
    (0..windows).rev().find(worse).map_or(Duration::ZERO, |window| WINDOW * (window + 1))
}

fn p99<'a>(samples: impl Iterator<Item = &'a Sample>) -> Duration {
    let mut times = Histogram::default();
    samples.for_each(|sample| times.add(sample.took));
    times.quantile(0.99)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_normal_again_after_the_last_bad_window() {
        let sample = |due: u64, took: u64| Sample {
            due: Duration::from_millis(due),
            took: Duration::from_millis(took),
            failed: false,
        };
        let samples: Vec<Sample> =
            (0..4_000).step_by(10).map(|due| sample(due, if (100..600).contains(&due) { 50 } else { 1 })).collect();
        let limit = Duration::from_millis(3);
        assert_eq!(back_to_normal(&samples, Duration::ZERO, limit), Duration::from_millis(750));
        assert_eq!(back_to_normal(&samples, Duration::from_secs(1), limit), Duration::ZERO);
    }
}
