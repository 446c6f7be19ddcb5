//! What the catalogue is told of its nodes' health: words of their own, and what probes find.

use std::sync::Arc;

use tokio::time::Instant;

use super::{
    super::{
        Event, Member,
        checks::{Check, Health, Probe},
    },
    Catalogue, Task,
};
use crate::NodeKey;

impl Catalogue {
    /// Returns whether a node has a check of this name that waits for a word.
    pub(in super::super) fn hears(&self, key: &NodeKey, check: &str) -> bool {
        let check = self.entries.get(key).and_then(|entry| entry.care.check(check));
        check.is_some_and(|check| check.probe == Probe::Ttl)
    }

    /// Takes in what a node says of itself; `None` when it has no such check.
    pub(in super::super) fn say(
        &mut self,
        key: &NodeKey,
        said: (&str, Health, &str),
        now: Instant,
    ) -> Option<Vec<Event>> {
        let (check, health, output) = said;
        self.entries.get_mut(key)?.care.say(check, health, output, now).then(|| self.review(key, now))
    }

    /// Takes the next probe that is due, with what it asks; and without one, tells when there will be one.
    pub(in super::super) fn due(&mut self, now: Instant) -> Result<(Task, Arc<Member>, Check), Option<Instant>> {
        while let Some(task) = self.agenda.take(now) {
            let entry = self.entries.get(&task.key).filter(|entry| entry.round == task.round);
            if let Some((entry, check)) = entry.and_then(|entry| Some((entry, entry.care.check(&task.check)?))) {
                return Ok((task, Arc::clone(&entry.member), check.clone()));
            }
        }
        Err(self.agenda.next())
    }

    /// Takes in what a probe found, and plans the next.
    pub(in super::super) fn found(&mut self, task: Task, health: Health, output: &str, now: Instant) -> Vec<Event> {
        let current = self.entries.get_mut(&task.key).filter(|entry| entry.round == task.round);
        let Some(entry) = current else {
            return Vec::new();
        };
        entry.care.found(&task.check, health, output);
        let key = task.key.clone();
        if let Some(interval) = entry.care.check(&task.check).map(Check::interval) {
            self.agenda.again(task, interval, now);
        }
        self.review(&key, now)
    }
}
