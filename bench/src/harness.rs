//! Contenders side by side: every round runs each of them once, so that what disturbs the machine disturbs all alike.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::{figures::median, machine};

const ROUNDS: usize = 9;
const ROUND_TIME: Duration = Duration::from_millis(300);
const WARM_UP: u64 = 200;

/// One way to do a thing.
pub(crate) trait Contender: Send {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// Does the thing so many times, one after the other.
    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>>;

    /// Processes that work for it besides this one.
    fn servers(&self) -> Vec<i32> {
        Vec::new()
    }
}

/// What the contenders cost, in the order in which they were given.
pub(crate) struct Comparison {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    rounds: Vec<Cost>,
}

/// What one operation cost.
#[derive(Clone, Copy)]
struct Cost {
    wall_us: f64,
    cpu_us: f64,
    server_us: f64,
}

/// Runs the contenders in turn, as many operations in each round as fill its time, and prints a row for each.
pub(crate) async fn compare(title: &str, mut contenders: Vec<Box<dyn Contender>>) -> Result<Comparison> {
    let mut planned = Vec::with_capacity(contenders.len());
    for contender in &mut contenders {
        planned.push(calibrate(contender.as_mut()).await?);
    }
    let mut rows: Vec<Row> =
        contenders.iter().map(|contender| Row { name: contender.name(), rounds: Vec::new() }).collect();
    for _ in 0..ROUNDS {
        for ((contender, row), operations) in contenders.iter_mut().zip(&mut rows).zip(&planned) {
            row.rounds.push(measure(contender.as_mut(), *operations).await?);
        }
    }
    let comparison = Comparison { rows };
    comparison.print(title);
    Ok(comparison)
}

impl Comparison {
    /// Returns the median over the rounds of the first contender's CPU time divided by the other's.
    pub(crate) fn cpu_ratio(&self, other: usize) -> f64 {
        self.ratio(other, |cost| cost.cpu_us)
    }

    /// Like [`Comparison::cpu_ratio`], of the processes that work for them.
    pub(crate) fn server_ratio(&self, other: usize) -> f64 {
        self.ratio(other, |cost| cost.server_us)
    }

    fn ratio(&self, other: usize, value: impl Fn(&Cost) -> f64) -> f64 {
        let rounds = |index: usize| self.rows.get(index).map_or(&[][..], |row| row.rounds.as_slice());
        median(rounds(0).iter().zip(rounds(other)).map(|(ours, theirs)| value(ours) / value(theirs)).collect())
    }

    fn print(&self, title: &str) {
        println!("\n{title}: median of {ROUNDS} rounds, per operation");
        println!("{:<44} {:>10} {:>10} {:>12}", "contender", "CPU us", "wall us", "server CPU us");
        for row in &self.rows {
            let of = |value: fn(&Cost) -> f64| median(row.rounds.iter().map(value).collect());
            let (cpu, wall, server) = (of(|cost| cost.cpu_us), of(|cost| cost.wall_us), of(|cost| cost.server_us));
            println!("{:<44} {cpu:>10.2} {wall:>10.2} {server:>12.2}", row.name);
        }
    }
}

async fn calibrate(contender: &mut dyn Contender) -> Result<u64> {
    contender.run(WARM_UP).await?;
    let began = Instant::now();
    contender.run(WARM_UP).await?;
    let each = began.elapsed().as_secs_f64() / WARM_UP as f64;
    Ok(((ROUND_TIME.as_secs_f64() / each) as u64).clamp(50, 1_000_000))
}

async fn measure(contender: &mut dyn Contender, operations: u64) -> Result<Cost> {
    let servers = contender.servers();
    let (cpu, server, began) = (machine::cpu(), machine::cpu_of(&servers), Instant::now());
    contender.run(operations).await?;
    let (wall, cpu) = (began.elapsed(), machine::cpu().saturating_sub(cpu));
    let server = machine::cpu_of(&servers).saturating_sub(server);
    let each = |time: Duration| time.as_secs_f64() * 1e6 / operations as f64;
    Ok(Cost { wall_us: each(wall), cpu_us: each(cpu), server_us: each(server) })
}
