//! Which check is asked when, spread so that those of one interval do not come at once. Pure.

use std::{
    collections::{BTreeMap, btree_map::OccupiedEntry},
    time::Duration,
};

use tokio::time::Instant;

use crate::{NodeKey, balance::Dice};

/// Up to how much earlier than its interval a check is asked, in percent.
const JITTER_PERCENT: u64 = 10;

/// What is to be asked, in the order of time.
#[derive(Default)]
pub(super) struct Agenda {
    tasks: BTreeMap<(Instant, u64), Task>,
    serial: u64,
    dice: Dice,
}

/// One check of one registration of a node; that of an earlier one is void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Task {
    pub(in super::super) key: NodeKey,
    pub(in super::super) check: String,
    pub(super) round: u64,
}

impl Agenda {
    /// Plans the first time within one interval, wherever chance puts it.
    pub(super) fn begin(&mut self, task: Task, interval: Duration, now: Instant) {
        let chance = self.chance();
        self.put(task, now + interval.mul_f64(chance));
    }

    /// Plans the next time.
    pub(super) fn again(&mut self, task: Task, interval: Duration, now: Instant) {
        let early = self.chance() * JITTER_PERCENT as f64 / 100.0;
        self.put(task, now + interval.mul_f64(1.0 - early));
    }

    /// Takes the first task that is due.
    pub(super) fn take(&mut self, now: Instant) -> Option<Task> {
        self.tasks.first_entry().filter(|first| first.key().0 <= now).map(OccupiedEntry::remove)
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.tasks.first_key_value().map(|((at, _), _)| *at)
    }

    fn put(&mut self, task: Task, at: Instant) {
        self.serial += 1;
        self.tasks.insert((at, self.serial), task);
    }

    fn chance(&self) -> f64 {
        f64::from((self.dice.throw() >> 32) as u32) / f64::from(u32::MAX)
    }
}
