//! What the faults did, for reads and for writes: one slow write says nothing of reads, and many reads hide a write.

use std::{ops::Range, time::Duration};

use anyhow::{Result, ensure};

use super::{
    EVERY, Injected,
    faults::LASTS,
    load::{Kind, Sample, Slow, Tally},
};
use crate::{figures::figure, histogram::Histogram, machine};

/// Within it requests are taken together for a p99.
const WINDOW: Duration = Duration::from_millis(250);
/// The last part of the quiet time, in which caches are warm and nodes known: what is normal is measured in it.
const MEASURED: Duration = Duration::from_secs(5);
/// A p99 is normal up to so many times that of the quiet time.
const NORMAL: u32 = 3;
/// Slow requests that are told one by one.
const TOLD_MAX: usize = 10;

/// Prints the tables and the figures; an error when anything failed or is lost.
pub(super) fn print(tally: &Tally, injected: &[Injected], lost: usize) -> Result<()> {
    let samples = tally.samples();
    let failed = samples.iter().filter(|sample| sample.failed).count();
    let slowest: Vec<Duration> = Kind::ALL.into_iter().map(|kind| table(&samples, injected, kind)).collect();
    println!("\n{}", machine::summary());
    for kind in Kind::ALL {
        slow(tally, injected, kind);
    }
    for failure in tally.failures().iter().take(TOLD_MAX) {
        println!("  failed: {failure}");
    }
    figure("failover.requests", samples.len());
    figure("failover.writes_acknowledged", tally.acknowledged().len());
    figure("failover.normal_after_ms", slowest.into_iter().max().unwrap_or_default().as_millis());
    figure("failover.failed", failed);
    figure("failover.lost", lost);
    ensure!(lost == 0, "{lost} acknowledged writes are lost");
    ensure!(failed == 0, "{failed} requests failed");
    Ok(())
}

/// Prints what each fault did to requests of one kind; returns the longest time until they were normal again.
fn table(samples: &[Sample], injected: &[Injected], kind: Kind) -> Duration {
    let samples: Vec<Sample> = samples.iter().filter(|sample| sample.kind == kind).copied().collect();
    let first = injected.first().map_or(Duration::MAX, |injected| injected.at);
    let quiet = first.saturating_sub(MEASURED)..first;
    let normal = p99(samples.iter().filter(|sample| quiet.contains(&sample.due)));
    println!("\n{}, without faults: p99 {:.1} ms", kind.name(), millis(normal));
    println!(
        "{:<18} {:>5} {:>10} {:>7} {:>10} {:>10} {:>22} {:>18}",
        "fault", "times", "requests", "failed", "p99 ms", "worst ms", "normal again after ms", "after its end, ms"
    );
    figure(&format!("failover.{}_p99_quiet_us", kind.name()), normal.as_micros());
    let mut slowest = Duration::ZERO;
    let mut told = Vec::new();
    for fault in injected.iter().map(|injected| injected.fault) {
        if told.contains(&fault) {
            continue;
        }
        told.push(fault);
        let spans = injected.iter().filter(|injected| injected.fault == fault).map(|injected| injected.at);
        let of = |at: Duration| samples.iter().filter(move |sample| (at..at + EVERY).contains(&sample.due));
        let all: Vec<&Sample> = spans.clone().flat_map(of).collect();
        let back = |begin: Duration, end: Duration| {
            let back = spans.clone().map(|at| back_to_normal(&samples, at + begin..at + end, normal * NORMAL));
            back.max().unwrap_or_default()
        };
        // What comes back is a disturbance of its own: a process starts, a node is cold.
        let (back, healed) = (back(Duration::ZERO, LASTS), back(LASTS, EVERY));
        let failed = all.iter().filter(|sample| sample.failed).count();
        let worst = all.iter().map(|sample| sample.took).max().unwrap_or_default();
        println!(
            "{:<18} {:>5} {:>10} {failed:>7} {:>10.1} {:>10.0} {:>22} {:>18}",
            fault.name(),
            spans.clone().count(),
            all.len(),
            millis(p99(all.iter().copied())),
            millis(worst),
            back.as_millis(),
            healed.as_millis()
        );
        figure(&format!("failover.{}_{}_failed", fault.name(), kind.name()), failed);
        figure(&format!("failover.{}_{}_normal_after_ms", fault.name(), kind.name()), back.as_millis());
        figure(&format!("failover.{}_{}_healed_normal_after_ms", fault.name(), kind.name()), healed.as_millis());
        slowest = slowest.max(back).max(healed);
    }
    slowest
}

/// Tells of the requests of a kind that took longest by themselves, and after which fault each was sent.
fn slow(tally: &Tally, injected: &[Injected], kind: Kind) {
    for Slow { sent, took, what, .. } in tally.slowest(kind, TOLD_MAX) {
        let before = injected.iter().rev().find(|injected| injected.at <= sent);
        let fault = before.map_or_else(String::new, |injected| {
            format!(", {:.1} s after {}", sent.saturating_sub(injected.at).as_secs_f64(), injected.fault.name())
        });
        println!("  slow: {:.0} ms{fault}: {what}", millis(took));
    }
}

/// Returns how long after the beginning of `span` the last window in it ended whose p99 was above `limit`.
fn back_to_normal(samples: &[Sample], span: Range<Duration>, limit: Duration) -> Duration {
    let windows = (span.end.saturating_sub(span.start).as_millis() / WINDOW.as_millis()) as u32;
    let worse = |window: &u32| {
        let begin = span.start + WINDOW * *window;
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
            kind: Kind::Read,
            due: Duration::from_millis(due),
            took: Duration::from_millis(took),
            failed: false,
        };
        let samples: Vec<Sample> =
            (0..4_000).step_by(10).map(|due| sample(due, if (100..600).contains(&due) { 50 } else { 1 })).collect();
        let limit = Duration::from_millis(3);
        assert_eq!(back_to_normal(&samples, Duration::ZERO..EVERY, limit), Duration::from_millis(750));
        assert_eq!(back_to_normal(&samples, Duration::from_secs(1)..EVERY, limit), Duration::ZERO);
    }
}
