//! The states of a breaker and the steps between them, on times that the caller gives.

use super::{Outcome, Settings, window::Window};

/// How long a probe may take before another one may be sent, in nanoseconds.
pub const PROBE_NS: u64 = 5_000_000_000;

/// The state of a breaker. Times are nanoseconds since some moment before all of them.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    state: State,
    in_row: u32,
    window: Window,
    /// How often it opened without a time of health between.
    times: u32,
    /// When it last closed, and how long it had been open for.
    closed_at: u64,
    opened_for: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Traffic flows.
    #[default]
    Closed,
    /// No traffic until then.
    Open { until: u64 },
    /// One request, begun at or after `since`, finds out.
    HalfOpen { since: u64 },
}

/// What an outcome asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Stay,
    /// A closed breaker is to open, if the upstream can do without the node.
    Trip,
    /// A half-open one is to open again.
    Reopen,
    /// A half-open one is to close.
    Close,
}

impl Machine {
    /// Returns 0 when traffic flows, else when the next probe may be sent.
    pub fn gate(&self) -> u64 {
        match self.state {
            State::Closed => 0,
            State::Open { until } => until.max(1),
            State::HalfOpen { since } => since.saturating_add(PROBE_NS),
        }
    }

    /// Lets one request probe, if one is due at `now`.
    pub fn claim(&mut self, now: u64) -> bool {
        let due = self.gate() != 0 && now >= self.gate();
        if due {
            self.state = State::HalfOpen { since: now };
        }
        due
    }

    /// Lets one request probe before its time, unless one is under way; when it fails, that does not count as one more
    /// opening in a row.
    pub fn claim_early(&mut self, now: u64) -> bool {
        let open = matches!(self.state, State::Open { .. });
        if open {
            self.times = self.times.saturating_sub(1);
            self.state = State::HalfOpen { since: now };
        }
        open
    }

    /// Takes in how a request ended and returns what is to be done.
    pub fn record(&mut self, began: u64, now: u64, outcome: Outcome, settings: &Settings) -> Step {
        let good = outcome == Outcome::Answered;
        match self.state {
            // Sent before it last closed: it speaks of the illness that is over.
            State::Closed if began < self.closed_at => Step::Stay,
            State::Closed => self.count(now, good, settings),
            // Whatever began before the probe says nothing about how the node is now.
            State::HalfOpen { since } if began >= since => {
                if good {
                    Step::Close
                } else {
                    Step::Reopen
                }
            }
            State::Open { .. } | State::HalfOpen { .. } => Step::Stay,
        }
    }

    /// Opens for n times the first time, n being how often in a row, and up to the jitter longer by `chance`.
    pub fn open(&mut self, now: u64, chance: u64, settings: &Settings) -> u64 {
        let first = settings.open_ms.max(1).saturating_mul(1_000_000);
        if self.state == State::Closed {
            // Each spell of health as long as the first opening makes one opening forgotten.
            let healthy = now.saturating_sub(self.closed_at) / first;
            self.times = self.times.saturating_sub(u32::try_from(healthy).unwrap_or(u32::MAX));
        }
        self.times = self.times.saturating_add(1);
        let longest = settings.open_ms_max.max(settings.open_ms).saturating_mul(1_000_000);
        let plain = first.saturating_mul(u64::from(self.times)).min(longest);
        let jitter = u128::from(plain) * u128::from(settings.jitter_percent.min(100)) / 100;
        let jitter = (jitter * u128::from(chance >> 32)) >> 32;
        self.opened_for = plain.saturating_add(u64::try_from(jitter).unwrap_or(0));
        self.state = State::Open { until: now.saturating_add(self.opened_for) };
        self.opened_for
    }

    /// Closes, and forgets what was counted.
    pub fn close(&mut self, now: u64) {
        self.state = State::Closed;
        self.closed_at = now;
        self.in_row = 0;
        self.window = Window::default();
    }

    fn count(&mut self, now: u64, good: bool, settings: &Settings) -> Step {
        self.window.add(now, good);
        if good {
            self.in_row = 0;
            return Step::Stay;
        }
        self.in_row = self.in_row.saturating_add(1);
        let counts = self.window.counts(now);
        let (good, all) = (u64::from(counts.good), u64::from(counts.good) + u64::from(counts.bad));
        let too_few =
            all >= u64::from(settings.requests_min) && good * 100 < all * u64::from(settings.success_percent_min);
        if self.in_row >= settings.failures_max || too_few { Step::Trip } else { Step::Stay }
    }
}
