//! What is known of one node's health: its checks' tallies and what its callers say. Pure.

use std::time::Duration;

use tokio::time::Instant;

use super::super::{
    checks::{Check, Health, Probe, Tally},
    verdicts::Verdicts,
};
use crate::{Node, node::Tenure};

pub(in super::super) struct Care {
    tallies: Vec<Watched>,
    pub(super) verdicts: Verdicts,
    critical_since: Option<Instant>,
}

struct Watched {
    check: Check,
    tally: Tally,
    /// Until when the node's own word holds.
    holds_until: Instant,
}

impl Care {
    /// Returns the care for `node`, which remembers of `before` what still holds.
    pub(super) fn of(node: &Node, before: Option<Self>, now: Instant) -> Self {
        let (mut known, verdicts) = before.map_or_else(Default::default, |care| (care.tallies, care.verdicts));
        let watched = node.checks.iter().map(|check| match known.iter().position(|old| old.check == *check) {
            Some(place) => known.swap_remove(place),
            None => Watched { check: check.clone(), tally: Tally::new(check), holds_until: now + check.interval() },
        });
        let tallies = watched.collect();
        Self { tallies, verdicts, critical_since: None }
    }

    pub(super) fn check(&self, name: &str) -> Option<&Check> {
        self.tallies.iter().map(|watched| &watched.check).find(|check| check.name == name)
    }

    /// Returns every check and how it stands.
    pub(in super::super) fn tallies(&self) -> impl Iterator<Item = (&Check, &Tally)> {
        self.tallies.iter().map(|watched| (&watched.check, &watched.tally))
    }

    /// Takes in what a probe found.
    pub(super) fn found(&mut self, name: &str, health: Health, output: &str) {
        if let Some(Watched { check, tally, .. }) = self.named(name) {
            tally.observe(health, output, check);
        }
    }

    /// Takes in what a node, or somebody for it, says; false when it has no such check.
    pub(super) fn say(&mut self, name: &str, health: Health, output: &str, now: Instant) -> bool {
        let Some(watched) = self.named(name).filter(|watched| watched.check.probe == Probe::Ttl) else {
            return false;
        };
        watched.tally.set(health, output);
        watched.holds_until = now + watched.check.interval();
        true
    }

    /// Returns how the node is at `now` by its checks, the worst of them.
    pub(super) fn health(&mut self, now: Instant) -> Health {
        for Watched { check, tally, holds_until } in &mut self.tallies {
            if check.probe == Probe::Ttl && *holds_until <= now && tally.health() != Health::Critical {
                tally.set(Health::Critical, "nothing was heard in time");
            }
        }
        let worst = self.tallies.iter().map(|watched| watched.tally.health()).max().unwrap_or_default();
        match worst {
            Health::Critical => drop(self.critical_since.get_or_insert(now)),
            _ => self.critical_since = None,
        }
        worst
    }

    /// Forgives the time in which nobody could be heard.
    pub(super) fn forgive(&mut self, pause: Duration, now: Instant) {
        for watched in &mut self.tallies {
            watched.holds_until = (watched.holds_until + pause).min(now + watched.check.interval());
        }
    }

    /// Returns whether `node` has been critical for longer than whoever registered it allows.
    pub(super) fn is_given_up(&self, node: &Node, now: Instant) -> bool {
        let Tenure::Standing { critical_ms_max: Some(max) } = node.tenure else {
            return false;
        };
        self.critical_since.is_some_and(|since| now.saturating_duration_since(since) >= Duration::from_millis(max))
    }

    /// Returns whether time alone may change how the node stands.
    pub(super) fn is_restless(&self) -> bool {
        let timed = self.tallies.iter().any(|watched| watched.check.probe == Probe::Ttl);
        timed || self.critical_since.is_some() || !self.verdicts.is_empty()
    }

    fn named(&mut self, name: &str) -> Option<&mut Watched> {
        self.tallies.iter_mut().find(|watched| watched.check.name == name)
    }
}
