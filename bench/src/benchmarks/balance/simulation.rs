//! A fleet of nodes on simulated time: each has places, and a queue before them.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
    time::Duration,
};

use mesh::{
    NodeId,
    balance::{self, Dice, InFlight, Load},
    upstream::{Settings, Upstream},
};
use tokio::time::Instant;

const NODES: u128 = 10;
const PLACES: usize = 8;
const SERVICE_MS: f64 = 10.0;
const REQUESTS_PER_S: f64 = 3_000.0;
const LENGTH: Duration = Duration::from_mins(1);
const SLOW: u128 = 0;
const FAILING: u128 = 1;
const COLD: u128 = 2;
const COLD_FROM: Duration = Duration::from_secs(20);
const COLD_FOR: Duration = Duration::from_secs(5);

/// Who chooses the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chooser {
    /// The next in turn.
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastConnections,
    /// Ours.
    PeakEwma,
}

/// How the requests of a simulation fared.
pub(super) struct Outcome {
    pub(super) failed_percent: f64,
    pub(super) mean_ms: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl Chooser {
    pub(super) const ALL: [Self; 3] = [Self::RoundRobin, Self::LeastConnections, Self::PeakEwma];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::RoundRobin => "round-robin",
            Self::LeastConnections => "least-connections",
            Self::PeakEwma => "peak-ewma",
        }
    }
}

struct Server {
    id: u128,
    load: Load,
}

impl AsRef<Load> for Server {
    fn as_ref(&self) -> &Load {
        &self.load
    }
}

/// A request that a node works on or that waits there.
struct Request {
    arrived_ns: u64,
    in_flight: InFlight<Server>,
}

struct Simulation {
    chooser: Chooser,
    start: Instant,
    dice: Dice,
    turn: usize,
    nodes: Vec<Arc<Server>>,
    queues: Vec<VecDeque<Request>>,
    working: Vec<Vec<(u64, Request)>>,
    /// When something ends, and at which node.
    ends: BinaryHeap<Reverse<(u64, usize)>>,
    latencies_ms: Vec<f64>,
    failed: usize,
}

/// Sends a minute of requests, which come by chance that follows from `seed`.
pub(super) fn simulate(chooser: Chooser, seed: u64) -> Outcome {
    let mut simulation = Simulation::new(chooser, seed);
    let mut arrival = 0;
    while arrival < LENGTH.as_nanos() as u64 {
        simulation.finish_until(arrival);
        simulation.arrive(arrival);
        arrival += simulation.exponential_ns(1_000.0 / REQUESTS_PER_S);
    }
    simulation.finish_until(u64::MAX);
    simulation.outcome()
}

impl Simulation {
    fn new(chooser: Chooser, seed: u64) -> Self {
        let upstream = Upstream::new("simulated", Settings::default());
        let node = |id| Arc::new(Server { id, load: Load::new(NodeId::from_u128(id), Arc::clone(&upstream)) });
        let nodes: Vec<_> = (0..NODES).map(node).collect();
        Self {
            chooser,
            start: Instant::now(),
            dice: Dice::new(seed),
            turn: 0,
            queues: nodes.iter().map(|_| VecDeque::new()).collect(),
            working: nodes.iter().map(|_| Vec::new()).collect(),
            nodes,
            ends: BinaryHeap::new(),
            latencies_ms: Vec::new(),
            failed: 0,
        }
    }

    fn arrive(&mut self, at: u64) {
        let now = self.start + Duration::from_nanos(at);
        let absent = |node: &Server| node.id == COLD && at < COLD_FROM.as_nanos() as u64;
        let chosen = match self.chooser {
            Chooser::PeakEwma => balance::pick(&self.nodes, &self.dice, now, absent).cloned(),
            Chooser::LeastConnections => {
                let present = self.nodes.iter().filter(|node| !absent(node));
                present.min_by_key(|node| (node.load.in_flight(), self.dice.throw())).cloned()
            }
            Chooser::RoundRobin => {
                let turns = self.nodes.iter().cycle().skip(self.turn);
                let found = turns.take(self.nodes.len()).enumerate().find(|(_, node)| !absent(node));
                found.map(|(passed, node)| {
                    self.turn = (self.turn + passed + 1) % NODES as usize;
                    Arc::clone(node)
                })
            }
        };
        let Some(node) = chosen else {
            return;
        };
        let index = node.id as usize;
        let request = Request { arrived_ns: at, in_flight: InFlight::begin(node, now) };
        if let Some(queue) = self.queues.get_mut(index) {
            queue.push_back(request);
        }
        self.work(index, at);
    }

    /// Gives waiting requests to free places.
    fn work(&mut self, index: usize, at: u64) {
        while self.working.get(index).is_some_and(|working| working.len() < PLACES) {
            let Some(request) = self.queues.get_mut(index).and_then(VecDeque::pop_front) else {
                return;
            };
            let cold = COLD_FROM.as_nanos() as u64..(COLD_FROM + COLD_FOR).as_nanos() as u64;
            let mean_ms = match index as u128 {
                FAILING => 0.2,
                SLOW => SERVICE_MS * 10.0,
                COLD if cold.contains(&at) => SERVICE_MS * 20.0,
                _ => SERVICE_MS,
            };
            let end = at + self.exponential_ns(mean_ms);
            if let Some(working) = self.working.get_mut(index) {
                working.push((end, request));
            }
            self.ends.push(Reverse((end, index)));
        }
    }

    fn finish_until(&mut self, until: u64) {
        while let Some(Reverse((at, index))) = self.ends.peek().copied().filter(|Reverse((at, _))| *at <= until) {
            self.ends.pop();
            let Some(working) = self.working.get_mut(index) else {
                continue;
            };
            if let Some(place) = working.iter().position(|(end, _)| *end == at) {
                let (_, request) = working.swap_remove(place);
                self.end(&request, index, at);
            }
            self.work(index, at);
        }
    }

    fn end(&mut self, request: &Request, index: usize, at: u64) {
        let now = self.start + Duration::from_nanos(at);
        if index as u128 == FAILING {
            request.in_flight.failed(now);
            self.failed += 1;
        } else {
            request.in_flight.answered(now);
            self.latencies_ms.push((at - request.arrived_ns) as f64 / 1e6);
        }
    }

    fn exponential_ns(&self, mean_ms: f64) -> u64 {
        let chance = ((self.dice.throw() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        (-chance.ln() * mean_ms * 1e6) as u64
    }

    fn outcome(mut self) -> Outcome {
        self.latencies_ms.sort_by(f64::total_cmp);
        let answered = self.latencies_ms.len();
        let at = |part: f64| {
            self.latencies_ms.get((answered.saturating_sub(1) as f64 * part) as usize).copied().unwrap_or_default()
        };
        Outcome {
            failed_percent: 100.0 * self.failed as f64 / (self.failed + answered).max(1) as f64,
            mean_ms: self.latencies_ms.iter().sum::<f64>() / answered.max(1) as f64,
            p50_ms: at(0.5),
            p99_ms: at(0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_waits_less_and_fails_less_than_turns_and_counts() {
        for seed in 1..=3 {
            let [turns, counts, ours] = Chooser::ALL.map(|chooser| simulate(chooser, seed));
            // The failing node is always free, so whoever only counts sends it most of the requests.
            assert!(ours.failed_percent < turns.failed_percent && turns.failed_percent < counts.failed_percent);
            assert!(ours.failed_percent < 0.1, "{}", ours.failed_percent);
            assert!(ours.p99_ms < counts.p99_ms && counts.p99_ms < turns.p99_ms);
        }
    }
}
