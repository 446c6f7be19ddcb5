//! Events a second from a transaction to a consumer's effect, and how late one is: by the journal, by NATS JetStream, and
//! by JetStream alone, without the transactions at both ends.
//!
//! A round has two parts. *Rush*: 64 emitters at once, each event in a transaction of its own, until the last is handled.
//! *Trickle*: at most so many a second, one after the other, of which each one's way is timed. Start reading at [`run`].

mod bare;
mod ours;
mod server;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use base::{Event, Timestamp};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::{sync::Notify, time};
use uuid::Uuid;

use self::server::NatsServer;
use crate::{
    figures::{figure, median},
    histogram::Histogram,
    installation, machine,
};

const EMITTERS: u64 = 64;
const RUSH_EVENTS: u64 = 40_000;
const TRICKLE_EVENTS: u64 = 3_000;
const TRICKLE_INTERVAL: Duration = Duration::from_millis(1);
const KEYS: u64 = 1_000;
const ROUNDS: usize = 3;
/// Longest wait for events to be handled.
const HANDLED_MAX: Duration = Duration::from_mins(1);

/// What is sent: of the size of the product's own events.
#[derive(Serialize, Deserialize)]
struct Sent {
    key: Uuid,
    sent_at: Timestamp,
    text: String,
}

impl Event for Sent {
    const TYPE: &'static str = "bench.event.sent";

    fn key(&self) -> Uuid {
        self.key
    }
}

impl Sent {
    fn new(number: u64, now: Timestamp) -> Self {
        let text = "A project of the usual title has been submitted by one of its members".to_owned();
        Self { key: Uuid::from_u128(u128::from(number % KEYS)), sent_at: now, text }
    }
}

/// What takes events at one end and hands them out at the other.
trait Carrier {
    /// Sends one event; it is acknowledged when this returns.
    fn send(&self, number: u64) -> BoxFuture<'_, Result<()>>;
}

/// What has been handled.
#[derive(Clone, Default)]
struct Handled(Arc<(Mutex<Histogram>, Notify)>);

impl Handled {
    /// Counts an event that was sent at `sent_at` and has now had its effect.
    fn add(&self, sent_at: Timestamp, now: Timestamp) {
        let (times, news) = &*self.0;
        times.lock().add(now.since(sent_at));
        news.notify_one();
    }

    /// Waits until so many are handled and returns how long each took; then begins anew.
    async fn take(&self, count: u64) -> Result<Histogram> {
        let (times, news) = &*self.0;
        let all = async {
            while times.lock().count() < count {
                news.notified().await;
            }
        };
        time::timeout(HANDLED_MAX, all).await.context("events were not handled in time")?;
        Ok(std::mem::take(&mut *times.lock()))
    }
}

/// One contender's rounds.
#[derive(Default)]
struct Row {
    name: &'static str,
    durable: &'static str,
    per_second: Vec<f64>,
    cpu_us: Vec<f64>,
    times: Histogram,
}

/// Runs all contenders, or those named.
pub(super) async fn run(only: Vec<String>) -> Result<()> {
    println!("{}", machine::summary());
    let folder = installation::folder()?;
    let nats = NatsServer::start().await?;
    let mut rows = Vec::new();
    for (name, durable) in [("journal", "on disk"), ("jetstream", "in memory"), ("bare-jetstream", "in memory")] {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            rows.push(Row { name, durable, ..Row::default() });
        }
    }
    // Interleaved, so that a busy minute of the machine falls on all of them.
    for round in 0..ROUNDS {
        for row in &mut rows {
            let place = folder.path().join(format!("{}-{round}", row.name));
            match row.name {
                "bare-jetstream" => bare::round(&nats, round, row).await?,
                name => ours::round(&place, (name == "jetstream").then_some(&nats), row).await?,
            }
        }
    }
    report(&rows);
    println!("{}", machine::summary());
    Ok(())
}

/// Sends the events of both parts through `carrier` and notes what came of them.
async fn measure(carrier: &impl Carrier, handled: &Handled, row: &mut Row) -> Result<()> {
    let (cpu, began) = (machine::cpu(), time::Instant::now());
    let emitters = (0..EMITTERS).map(|emitter| async move {
        for number in (emitter..RUSH_EVENTS).step_by(EMITTERS as usize) {
            carrier.send(number).await?;
        }
        Ok::<_, anyhow::Error>(())
    });
    futures_util::future::try_join_all(emitters).await?;
    handled.take(RUSH_EVENTS).await?;
    let (wall, cpu) = (began.elapsed(), machine::cpu().saturating_sub(cpu));
    row.per_second.push(RUSH_EVENTS as f64 / wall.as_secs_f64());
    row.cpu_us.push(cpu.as_secs_f64() * 1e6 / RUSH_EVENTS as f64);
    let mut pace = time::interval(TRICKLE_INTERVAL);
    pace.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    for number in 0..TRICKLE_EVENTS {
        pace.tick().await;
        carrier.send(number).await?;
    }
    row.times.merge(&handled.take(TRICKLE_EVENTS).await?);
    Ok(())
}

fn report(rows: &[Row]) {
    println!("\n{EMITTERS} emitters, medians of {ROUNDS} rounds; then the way of one event, at most 1,000 a second");
    println!(
        "{:<16} {:>10} {:>11} {:>13} {:>9} {:>9}",
        "contender", "events", "events/s", "CPU us/event", "p50 ms", "p99 ms"
    );
    for row in rows {
        let (per_second, cpu_us) = (median(row.per_second.clone()), median(row.cpu_us.clone()));
        let ms = |quantile| row.times.quantile(quantile).as_secs_f64() * 1e3;
        println!(
            "{:<16} {:>10} {per_second:>11.0} {cpu_us:>13.1} {:>9.2} {:>9.2}",
            row.name,
            row.durable,
            ms(0.5),
            ms(0.99)
        );
        figure(&format!("events.{}_per_s", row.name), format_args!("{per_second:.0}"));
        figure(&format!("events.{}_p99_ms", row.name), format_args!("{:.2}", ms(0.99)));
    }
}
