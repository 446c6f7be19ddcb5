//! How balancing policies do with a slow, a failing and a cold node, on simulated time, and what one choice costs.
//!
//! The simulation says which policy waits least and fails least; it knows no network. Start reading at [`run`].

mod simulation;

use std::{hint::black_box, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use mesh::balance::{Balancer, Dice, Draw, InFlight, Load, Policy, Settings, Traits};
use tokio::time::Instant;

use self::simulation::{Chooser, Outcome, simulate};
use crate::{
    figures::{figure, median},
    machine,
};

const ROUNDS: usize = 9;
const PICKS: u32 = 1_000_000;
const SEED: u64 = 7;

/// Prints both tables.
pub(super) async fn run(_arguments: Vec<String>) -> Result<()> {
    println!("{}", machine::summary());
    println!(
        "\n10 nodes of 8 places, 10 ms a request; one slow (10x), one failing at once, one cold from 20 s (20x for 5 s)"
    );
    println!("{:<22} {:>9} {:>9} {:>9} {:>9}", "policy", "failed %", "mean ms", "p50 ms", "p99 ms");
    for chooser in Chooser::ALL {
        let Outcome { failed_percent, mean_ms, p50_ms, p99_ms } = simulate(chooser, SEED);
        println!("{:<22} {failed_percent:>9.2} {mean_ms:>9.1} {p50_ms:>9.1} {p99_ms:>9.1}", chooser.name());
        figure(&format!("balance.{}.p99_ms", chooser.name()), format_args!("{p99_ms:.1}"));
        figure(&format!("balance.{}.failed_percent", chooser.name()), format_args!("{failed_percent:.2}"));
    }
    println!("\n{:<22} {:>6} {:>9}", "one choice", "nodes", "ns");
    for (name, policy) in [
        ("peak-ewma", Policy::PeakEwma),
        ("least-request", Policy::LeastRequest),
        ("weighted", Policy::Weighted),
        ("ring-hash", Policy::RingHash),
    ] {
        for nodes in [3, 10, 1_000] {
            let ns = nanoseconds_of_a_pick(policy, nodes)?;
            println!("{name:<22} {nodes:>6} {ns:>9.0}");
            figure(&format!("balance.pick.{name}.{nodes}.ns"), format_args!("{ns:.0}"));
        }
    }
    Ok(())
}

struct Server {
    load: Load,
    id: u64,
}

impl AsRef<Load> for Server {
    fn as_ref(&self) -> &Load {
        &self.load
    }
}

fn nanoseconds_of_a_pick(policy: Policy, count: u64) -> Result<f64> {
    let nodes = (0..count).map(|id| Arc::new(Server { load: Load::default(), id })).collect();
    let settings = Settings { policy, ..Settings::default() };
    let balancer = Balancer::new(nodes, &settings, |node: &Server| Traits { id: node.id, zone: None, weight: 1 });
    let (dice, now) = (Dice::new(SEED), Instant::now() + Duration::from_mins(1));
    for node in balancer.nodes() {
        InFlight::begin(Arc::clone(node), now).answered(now + Duration::from_millis(1));
    }
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for key in 0..PICKS {
            let choice = Draw { dice: &dice, now: now + Duration::from_secs(1), key: Some(u64::from(key)) };
            black_box(balancer.pick(black_box(choice), |_| false).context("no node")?);
        }
        rounds.push(start.elapsed().as_nanos() as f64 / f64::from(PICKS));
    }
    Ok(median(rounds))
}
