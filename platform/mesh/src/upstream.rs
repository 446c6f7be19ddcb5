//! One service as this process sees it: what all of its nodes share.
//!
//! Owns the count of its nodes and of those left alone, its retry budget, its limit of calls and how long its answers take.
//! Never chooses a node.
//! Start reading at [`Upstream`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{
    balance::Dice,
    breaker,
    budget::{self, Budget},
    concurrency::{self, Limiter},
    decisions::{self, Decision, What},
    hedge::{self, Latencies},
};

/// How often nodes that are left alone are probed before their time at most.
const HURRY_EVERY: Duration = Duration::from_secs(1);

/// What holds for the calls to one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// When a node is left alone. Since v0.1.
    pub breaker: breaker::Settings,
    /// How much may be repeated. Since v0.1.
    pub budget: budget::Settings,
    /// How many calls may be under way. Since v0.1.
    pub concurrency: concurrency::Settings,
    /// When a second node is asked. Since v0.1.
    pub hedge: hedge::Settings,
}

/// One service as this process sees it.
#[derive(Debug)]
pub struct Upstream {
    name: Arc<str>,
    settings: Settings,
    nodes: AtomicU32,
    ejected: AtomicU32,
    panicking: AtomicBool,
    /// How often those that are left alone were to be probed at once, and when last.
    hurries: AtomicU32,
    hurried_at: Mutex<Option<Instant>>,
    dice: Dice,
    budget: Budget,
    limiter: Arc<Limiter>,
    latencies: Latencies,
}

impl Upstream {
    /// Returns the upstream of this name, without nodes.
    pub fn new(name: &str, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            budget: Budget::new(settings.budget.clone(), Instant::now()),
            limiter: Limiter::new(settings.concurrency.clone()),
            latencies: Latencies::default(),
            settings,
            nodes: AtomicU32::new(0),
            ejected: AtomicU32::new(0),
            panicking: AtomicBool::new(false),
            hurries: AtomicU32::new(0),
            hurried_at: Mutex::default(),
            dice: Dice::default(),
        })
    }

    pub(crate) fn alone() -> Arc<Self> {
        Self::new("", Settings::default())
    }

    /// Returns its name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Returns how much may be repeated.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Returns how many calls may be under way.
    pub fn limiter(&self) -> &Arc<Limiter> {
        &self.limiter
    }

    /// Returns how long its answers take.
    pub fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// Returns how long an answer is waited for at least before a second node is asked; `None` when none ever is.
    pub fn hedge_delay_min(&self) -> Option<Duration> {
        self.settings.hedge.delay_min()
    }

    /// Returns how long an answer is waited for before a second node is asked; `None` when none is.
    pub fn hedge_delay(&self) -> Option<Duration> {
        self.settings.hedge.delay(&self.latencies)
    }

    /// Returns how many nodes it has.
    pub fn nodes(&self) -> u32 {
        self.nodes.load(Ordering::Relaxed)
    }

    /// Returns how many of its nodes have a breaker that is not closed.
    pub fn ejected(&self) -> u32 {
        self.ejected.load(Ordering::Relaxed)
    }

    /// Returns whether so few nodes have a closed breaker that breakers are not heeded: when most nodes seem ill, the
    /// fault is likelier elsewhere, and the few that are left would break down under the whole load.
    pub fn panics(&self) -> bool {
        let ejected = self.ejected();
        let panics = ejected > 0 && {
            let nodes = u64::from(self.nodes());
            let closed = nodes.saturating_sub(u64::from(ejected));
            closed * 100 < nodes * u64::from(self.settings.breaker.panic_percent)
        };
        if panics != self.panicking.load(Ordering::Relaxed) && panics != self.panicking.swap(panics, Ordering::Relaxed)
        {
            let what = if panics { What::PanicBegan } else { What::PanicEnded };
            decisions::tell(Decision { service: Arc::clone(&self.name), node: None, what });
        }
        panics
    }

    pub(crate) fn breaker(&self) -> &breaker::Settings {
        &self.settings.breaker
    }

    pub(crate) fn chance(&self) -> u64 {
        self.dice.throw()
    }

    pub(crate) fn join(&self) {
        self.nodes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn leave(&self) {
        self.nodes.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts one more node as left alone, if the bound allows.
    pub(crate) fn eject(&self) -> bool {
        let nodes = self.nodes();
        let part = u64::from(nodes) * u64::from(self.settings.breaker.ejected_percent_max) / 100;
        let most = u32::try_from(part).unwrap_or(u32::MAX).max(1).min(nodes.saturating_sub(1));
        let more = |ejected: u32| (ejected < most).then_some(ejected + 1);
        self.ejected.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Says that a node fails and cannot be left alone, because as many are as may be: they are to be probed at once, for
    /// they may be well again. At most once in [`HURRY_EVERY`].
    pub(crate) fn hurry(&self, now: Instant) {
        let mut hurried_at = self.hurried_at.lock();
        if hurried_at.is_none_or(|before| now.saturating_duration_since(before) >= HURRY_EVERY) {
            *hurried_at = Some(now);
            self.hurries.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns how often that was so.
    pub(crate) fn hurries(&self) -> u32 {
        self.hurries.load(Ordering::Relaxed)
    }

    pub(crate) fn readmit(&self) {
        self.ejected.fetch_sub(1, Ordering::Relaxed);
    }
}
