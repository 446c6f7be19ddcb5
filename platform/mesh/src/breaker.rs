//! Which nodes are left alone for a while because they fail.
//!
//! Owns the breaker of each node: closed (traffic flows), open (none does), half-open (one request probes). Never opens
//! for more than a part of an upstream's nodes and never for the last. Start reading at [`Breaker::record`]; the states are
//! in [`machine`], which knows no clock, and the exact window of outcomes in [`window`].

pub mod machine;
pub mod window;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use self::machine::{Machine, Step};
use crate::{
    NodeId,
    decisions::{self, Decision, What},
    upstream::Upstream,
};

/// When breakers open and for how long. The defaults are Envoy's outlier detection's, with Finagle's success rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Failures in a row that open it. Since v0.1.
    pub failures_max: u32,
    /// Part of the requests of the last 10 seconds that must succeed, in percent. Since v0.1.
    pub success_percent_min: u32,
    /// Fewest requests in 10 seconds for which that part counts. Since v0.1.
    pub requests_min: u32,
    /// How long it is open the first time, in milliseconds; the n-th time in a row n times as long. Since v0.1.
    pub open_ms: u64,
    /// How long it is open at most, in milliseconds. Since v0.1.
    pub open_ms_max: u64,
    /// Up to how much longer by chance, lest all breakers probe at once, in percent. Since v0.1.
    pub jitter_percent: u32,
    /// Most nodes of an upstream that are left alone, in percent; one may always be, the last one never. Since v0.1.
    pub ejected_percent_max: u32,
    /// Below which part of nodes with a closed breaker the breakers are not heeded, in percent. Since v0.1.
    pub panic_percent: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            failures_max: 5,
            success_percent_min: 80,
            requests_min: 20,
            open_ms: 30_000,
            open_ms_max: 300_000,
            jitter_percent: 10,
            ejected_percent_max: 10,
            panic_percent: 50,
        }
    }
}

/// How a request to a node ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer, whatever it says.
    Answered,
    /// Without one, or with one that says the node is ill.
    Failed,
}

/// What a breaker says of the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Traffic flows.
    Closed,
    /// The node is left alone, or a probe is under way.
    Open,
    /// One request may find out how the node is.
    ProbeDue,
}

/// The breaker of one node. Asking it takes one atomic load.
#[derive(Debug)]
pub struct Breaker {
    node: NodeId,
    upstream: Arc<Upstream>,
    born: Instant,
    /// What [`Machine::gate`] last returned.
    gate_ns: AtomicU64,
    /// How many of its upstream's hurries it has heeded.
    heeded: AtomicU32,
    machine: Mutex<Machine>,
}

impl Breaker {
    /// Returns the closed breaker of a node of `upstream`.
    pub fn new(node: NodeId, upstream: Arc<Upstream>, born: Instant) -> Self {
        upstream.join();
        Self { node, upstream, born, gate_ns: AtomicU64::new(0), heeded: AtomicU32::new(0), machine: Mutex::default() }
    }

    /// Returns the upstream that the node is one of.
    pub fn upstream(&self) -> &Arc<Upstream> {
        &self.upstream
    }

    /// Returns what it says at `now`.
    pub fn standing(&self, now: Instant) -> Standing {
        match self.gate_ns.load(Ordering::Relaxed) {
            0 => Standing::Closed,
            gate if self.nanos(now) < gate && !self.is_hurried() => Standing::Open,
            _ => Standing::ProbeDue,
        }
    }

    /// Asks to be the one request that probes; false when another one is.
    pub fn claim_probe(&self, now: Instant) -> bool {
        let mut machine = self.machine.lock();
        let (at, hurried) = (self.nanos(now), self.is_hurried());
        self.heed();
        let claimed = machine.claim(at) || (hurried && machine.claim_early(at));
        self.gate_ns.store(machine.gate(), Ordering::Relaxed);
        drop(machine);
        if claimed {
            self.tell(What::HalfOpened);
        }
        claimed
    }

    /// Takes in how the request that began at `since` ended; returns true when that closed the breaker.
    pub fn record(&self, since: Instant, now: Instant, outcome: Outcome) -> bool {
        let (began, at) = (self.nanos(since), self.nanos(now));
        let mut machine = self.machine.lock();
        let step = machine.record(began, at, outcome, self.upstream.breaker());
        let told = match step {
            Step::Stay => return false,
            Step::Trip if !self.upstream.eject() => {
                self.upstream.hurry(now);
                return false;
            }
            Step::Trip | Step::Reopen => {
                self.heed();
                let open_for = machine.open(at, self.upstream.chance(), self.upstream.breaker());
                What::Opened { open_for: Duration::from_nanos(open_for) }
            }
            Step::Close => {
                machine.close(at);
                self.upstream.readmit();
                What::Closed
            }
        };
        self.gate_ns.store(machine.gate(), Ordering::Relaxed);
        drop(machine);
        self.tell(told);
        step == Step::Close
    }

    /// Returns whether another node fails that cannot be left alone since this one opened or was last probed.
    fn is_hurried(&self) -> bool {
        self.heeded.load(Ordering::Relaxed) != self.upstream.hurries()
    }

    fn heed(&self) {
        self.heeded.store(self.upstream.hurries(), Ordering::Relaxed);
    }

    fn tell(&self, what: What) {
        decisions::tell(Decision { service: Arc::clone(self.upstream.name()), node: Some(self.node), what });
    }

    fn nanos(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.born).as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        if self.machine.get_mut().gate() != 0 {
            self.upstream.readmit();
        }
        self.upstream.leave();
    }
}

#[cfg(test)]
mod tests;
