//! How many requests may be under way to an upstream at once, found out from how long they take.
//!
//! Owns one limit for each upstream. What a person waits for waits a moment for a place, so that many who come at once are
//! no overload; all else that is over the limit is refused at once. Start reading at [`Limiter::admit`].
//!
//! Two averages of round trips are compared (the two windows of Netflix's Gradient2): a long one of requests that had few
//! beside them, and a short one of those that had many. When the second is longer, a queue grows and the limit comes down;
//! else it grows by a fifth of its square root. Traffic is never held back to measure an idle time, so there is no moment
//! in which it stalls.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Notify, Semaphore},
    time::timeout,
};

/// The bounds of a limit. The defaults are Gradient2's, with Envoy's greatest limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Least limit, and the first. Since v0.1.
    pub limit_min: u32,
    /// Greatest limit. Since v0.1.
    pub limit_max: u32,
    /// By how much requests may take longer than they did, in percent, before the limit comes down. Since v0.1.
    pub tolerance_percent: u32,
    /// Part of the limit that work nobody waits for may take, in percent. Since v0.1.
    pub batch_percent: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limit_min: 20, limit_max: 1_000, tolerance_percent: 50, batch_percent: 50 }
    }
}

/// Who waits for a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Priority {
    /// A person does.
    #[default]
    Live,
    /// Nobody does at the moment; it is the first to be refused.
    Batch,
}

/// Requests after which the long average has forgotten most.
const LONG_SAMPLES: f64 = 600.0;
/// How much of a new limit is taken at once.
const SMOOTHING: f64 = 0.2;

/// Longest that a request waits for a place.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// Most requests that wait for a place.
const WAITING_MAX: usize = 1_000;

/// The limit of one upstream.
#[derive(Debug)]
pub struct Limiter {
    settings: Settings,
    limit: AtomicU32,
    under_way: AtomicU32,
    estimate: Mutex<Estimate>,
    /// Told when a place is free, whoever has waited longest first.
    freed: Notify,
    waiting: Semaphore,
}

#[derive(Debug)]
struct Estimate {
    limit: f64,
    /// Of requests that had few beside them.
    long_ns: f64,
    samples: u32,
    /// Of requests that had many since the limit last moved: how many, and how long together.
    crowded: u32,
    crowded_ns: f64,
}

/// A request under way. Dropped without [`Permit::answered`] or [`Permit::failed`], it says nothing.
#[derive(Debug)]
pub struct Permit {
    limiter: Arc<Limiter>,
    /// Requests under way when it began, itself included.
    beside: u32,
}

impl Limiter {
    /// Returns a limiter at its least limit.
    pub fn new(settings: Settings) -> Arc<Self> {
        let estimate =
            Estimate { limit: f64::from(settings.limit_min), long_ns: 0.0, samples: 0, crowded: 0, crowded_ns: 0.0 };
        let limit = AtomicU32::new(settings.limit_min);
        Arc::new(Self {
            settings,
            limit,
            under_way: AtomicU32::new(0),
            estimate: Mutex::new(estimate),
            freed: Notify::new(),
            waiting: Semaphore::new(WAITING_MAX),
        })
    }

    /// Returns the limit of this moment.
    pub fn limit(&self) -> u32 {
        self.limit.load(Ordering::Relaxed)
    }

    /// Returns how many requests are under way.
    pub fn under_way(&self) -> u32 {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Lets a request go as soon as the limit allows one more; `None` when it does not within a second.
    pub async fn admit(self: &Arc<Self>, priority: Priority) -> Option<Permit> {
        if let Some(permit) = self.acquire(priority) {
            return Some(permit);
        }
        let _place = self.waiting.try_acquire().ok().filter(|_| priority == Priority::Live)?;
        let freed = async {
            loop {
                self.freed.notified().await;
                if let Some(permit) = self.acquire(priority) {
                    return permit;
                }
            }
        };
        timeout(WAIT_MAX, freed).await.ok()
    }

    /// Lets a request go, if the limit allows one more of its priority.
    pub fn acquire(self: &Arc<Self>, priority: Priority) -> Option<Permit> {
        let limit = match priority {
            Priority::Live => self.limit(),
            Priority::Batch => (u64::from(self.limit()) * u64::from(self.settings.batch_percent) / 100) as u32,
        };
        let more = |under_way: u32| (under_way < limit).then_some(under_way + 1);
        let before = self.under_way.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Permit { limiter: Arc::clone(self), beside: before + 1 })
    }

    fn learn(&self, round_trip: Duration, beside: u32, failed: bool) {
        let mut estimate = self.estimate.lock();
        estimate.learn(round_trip, beside, failed, &self.settings);
        self.limit.store(estimate.limit as u32, Ordering::Relaxed);
    }
}

impl Estimate {
    fn learn(&mut self, round_trip: Duration, beside: u32, failed: bool, settings: &Settings) {
        let bounds = f64::from(settings.limit_min)..=f64::from(settings.limit_max.max(settings.limit_min));
        let bounded = |limit: f64| limit.clamp(*bounds.start(), *bounds.end());
        if failed {
            self.limit = bounded(self.limit * 0.9);
            return;
        }
        let sample = (round_trip.as_nanos() as f64).max(1.0);
        let crowded = f64::from(beside) >= self.limit / 2.0;
        // A crowd slows its own requests, so it says nothing about how long they take by themselves, unless the limit
        // is already the least: then the upstream has become slower, and that is the new measure.
        if !crowded || self.samples == 0 || self.limit <= *bounds.start() {
            self.samples = self.samples.saturating_add(1);
            // A plain mean at first, which becomes the moving one.
            let weight = f64::max(1.0 / f64::from(self.samples), 2.0 / (LONG_SAMPLES + 1.0));
            self.long_ns += (sample - self.long_ns) * weight;
        }
        if !crowded {
            // So few at once say nothing about how many would be too many.
            return;
        }
        self.crowded += 1;
        self.crowded_ns += sample;
        // Once for each round of requests: the next ones must have felt the last change.
        if f64::from(self.crowded) < self.limit / 2.0 {
            return;
        }
        let short_ns = self.crowded_ns / f64::from(self.crowded);
        (self.crowded, self.crowded_ns) = (0, 0.0);
        let tolerated = 1.0 + f64::from(settings.tolerance_percent) / 100.0;
        let gradient = (tolerated * self.long_ns / short_ns).clamp(0.5, 1.0);
        let next = self.limit * gradient + self.limit.sqrt();
        self.limit = bounded(self.limit + (next - self.limit) * SMOOTHING);
    }
}

impl Permit {
    /// Says how long the answer took.
    pub fn answered(self, round_trip: Duration) {
        self.limiter.learn(round_trip, self.beside, false);
    }

    /// Says that there was no answer, or that the upstream has too much to do.
    pub fn failed(self) {
        self.limiter.learn(Duration::ZERO, self.beside, true);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limiter.under_way.fetch_sub(1, Ordering::Relaxed);
        self.limiter.freed.notify_one();
    }
}

#[cfg(test)]
mod tests;
