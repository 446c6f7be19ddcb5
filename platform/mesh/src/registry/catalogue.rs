//! The nodes there are, their leases, and how that came to be, version by version. Pure: told the time, never asks it.
//!
//! Owns which lease holds and what a watcher has missed. Never waits, logs or counts: what happened is returned as
//! [`Event`]s. Start reading at [`Catalogue::enter`] and [`Catalogue::sweep`].

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::{Changes, Event, EventKind, NODES_MAX, Version, guard::Guard};
use crate::{Error, Node, NodeId, NodeKey};

/// Most departures that a registry remembers; who missed more is told everything anew.
pub(super) const GONE_MAX: usize = 4_096;

pub(super) struct Catalogue {
    lease: Duration,
    version: Version,
    entries: BTreeMap<NodeKey, Entry>,
    /// The last change of each node that is there, so that a watcher is told of what it missed and of nothing else.
    log: BTreeMap<u64, NodeKey>,
    gone: VecDeque<(u64, NodeKey)>,
    /// Departures up to this version number are forgotten.
    forgotten: u64,
    /// The last change of each service, of those that are gone as well.
    changed: BTreeMap<String, u64>,
    /// What stands for services that are not in `changed`.
    changed_floor: u64,
    holders: HashMap<SocketAddr, BTreeSet<NodeKey>>,
    guard: Guard,
    swept: Option<Instant>,
}

struct Entry {
    node: Arc<Node>,
    since: u64,
    expires: Instant,
    /// Whether it is known from a snapshot only, and has not been heard of since.
    restored: bool,
}

impl Catalogue {
    pub(super) fn new(lease: Duration, incarnation: u64) -> Self {
        Self {
            lease,
            // Outsiders see the number alone: that of another run should not be mistaken for one of this.
            version: Version { incarnation, number: incarnation >> 33 },
            entries: BTreeMap::new(),
            log: BTreeMap::new(),
            gone: VecDeque::new(),
            forgotten: incarnation >> 33,
            changed: BTreeMap::new(),
            changed_floor: incarnation >> 33,
            holders: HashMap::new(),
            guard: Guard::default(),
            swept: None,
        }
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// Returns a number of at least 1 that grows whenever `service` changes, or anything when none is named.
    pub(super) fn index(&self, service: Option<&str>) -> u64 {
        let changed = |name| self.changed.get(name).copied().unwrap_or(self.changed_floor);
        service.map_or(self.version.number, changed) + 1
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.entries.values().map(|entry| &entry.node)
    }

    pub(super) fn count(&self, service: &str) -> i64 {
        let first = NodeKey { service: service.to_owned(), id: NodeId::from_u128(0) };
        self.entries.range(first..).take_while(|(key, _)| key.service == service).count() as i64
    }

    /// Enters a node, or renews its lease when it says nothing new.
    pub(super) fn enter(&mut self, node: &Node, now: Instant) -> Result<Vec<Event>, Error> {
        node.check()?;
        let key = node.key();
        if let Some(entry) = self.entries.get_mut(&key).filter(|entry| *entry.node == *node) {
            entry.renew(now + self.lease);
            return Ok(Vec::new());
        }
        if !self.entries.contains_key(&key) && self.entries.len() >= NODES_MAX {
            return Err(Error::Full);
        }
        let mut events = self.evict_dead_holders(node, now)?;
        self.insert(Arc::new(node.clone()), now, false);
        events.push(Event::new(EventKind::Joined, key));
        Ok(events)
    }

    /// Enters what a snapshot remembers, each with a whole lease.
    pub(super) fn restore(&mut self, nodes: Vec<Node>, now: Instant) {
        for node in nodes.into_iter().take(NODES_MAX).filter(|node| node.check().is_ok()) {
            self.insert(Arc::new(node), now, true);
        }
    }

    /// Renews leases; returns those that nobody holds.
    pub(super) fn keep(&mut self, keys: &[NodeKey], now: Instant) -> Vec<NodeKey> {
        let expires = now + self.lease;
        let mut unknown = Vec::new();
        for key in keys {
            match self.entries.get_mut(key) {
                Some(entry) => entry.renew(expires),
                None => unknown.push(key.clone()),
            }
        }
        unknown
    }

    pub(super) fn leave(&mut self, key: &NodeKey) -> Option<Event> {
        self.remove(key).then(|| Event::new(EventKind::Left, key.clone()))
    }

    /// Takes out whose lease ran out, unless so many fall silent at once that the fault is likely here.
    pub(super) fn sweep(&mut self, now: Instant, period: Duration) -> Vec<Event> {
        self.forgive_own_pause(now, period);
        // A process renews every third of a lease: whoever has less than half of it left has missed a renewal.
        let silent: BTreeSet<_> = self.ids(|entry| entry.expires <= now + self.lease / 2);
        let all = self.ids(|_| true);
        let mut events: Vec<_> = self.guard.judge(silent.len(), all.len(), now).into_iter().map(Event::guard).collect();
        if self.guard.is_on() {
            return events;
        }
        let late = self.entries.iter().filter(|(_, entry)| entry.expires <= now);
        let late: Vec<_> = late.map(|(key, _)| key.clone()).collect();
        for key in late {
            self.remove(&key);
            events.push(Event::new(EventKind::Expired, key));
        }
        events
    }

    /// Returns what changed since `seen`.
    pub(super) fn changes(&self, seen: Option<Version>) -> Changes {
        let known = seen.filter(|seen| {
            let numbers = self.forgotten..=self.version.number;
            seen.incarnation == self.version.incarnation && numbers.contains(&seen.number)
        });
        let Some(known) = known else {
            let nodes = self.nodes().map(Arc::clone).collect();
            return Changes { version: self.version, complete: true, nodes, gone: Vec::new() };
        };
        let changed = self.log.range(known.number + 1..).filter_map(|(_, key)| self.entries.get(key));
        let missed = self.gone.partition_point(|(number, _)| *number <= known.number);
        let gone = self.gone.range(missed..).map(|(_, key)| key).filter(|key| !self.entries.contains_key(key));
        Changes {
            version: self.version,
            complete: false,
            nodes: changed.map(|entry| Arc::clone(&entry.node)).collect(),
            gone: gone.cloned().collect(),
        }
    }

    /// Makes room at an address for a process that listens there now. Two cannot: one that is alive keeps it.
    fn evict_dead_holders(&mut self, node: &Node, now: Instant) -> Result<Vec<Event>, Error> {
        let held = self.holders.get(&node.address).into_iter().flatten();
        let others: Vec<_> = held.filter(|key| key.id != node.id).cloned().collect();
        let alive = |entry: &Entry| !entry.restored && entry.expires > now + self.lease / 2;
        if let Some(key) = others.iter().find(|key| self.entries.get(key).is_some_and(alive)) {
            return Err(Error::AddressTaken { address: node.address, holder: key.clone() });
        }
        Ok(others.iter().filter_map(|key| self.leave(key)).collect())
    }

    /// A process that was stopped heard no renewal meanwhile; that is not the nodes' fault.
    fn forgive_own_pause(&mut self, now: Instant, period: Duration) {
        let slept = self.swept.replace(now).map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        let Some(pause) = slept.checked_sub(period * 2) else {
            return;
        };
        for entry in self.entries.values_mut() {
            entry.expires = (entry.expires + pause).min(now + self.lease);
        }
    }

    fn ids(&self, which: impl Fn(&Entry) -> bool) -> BTreeSet<NodeId> {
        self.entries.iter().filter(|(_, entry)| which(entry)).map(|(key, _)| key.id).collect()
    }

    fn insert(&mut self, node: Arc<Node>, now: Instant, restored: bool) {
        let key = node.key();
        self.detach(&key);
        let since = self.next(&key.service);
        self.log.insert(since, key.clone());
        self.holders.entry(node.address).or_default().insert(key.clone());
        self.entries.insert(key, Entry { node, since, expires: now + self.lease, restored });
    }

    fn remove(&mut self, key: &NodeKey) -> bool {
        if !self.detach(key) {
            return false;
        }
        let number = self.next(&key.service);
        self.gone.push_back((number, key.clone()));
        if self.gone.len() > GONE_MAX
            && let Some((number, _)) = self.gone.pop_front()
        {
            self.forgotten = number;
        }
        true
    }

    fn next(&mut self, service: &str) -> u64 {
        if self.changed.len() >= NODES_MAX {
            self.changed.clear();
            self.changed_floor = self.version.number;
        }
        self.version.number += 1;
        self.changed.insert(service.to_owned(), self.version.number);
        self.version.number
    }

    fn detach(&mut self, key: &NodeKey) -> bool {
        let Some(entry) = self.entries.remove(key) else {
            return false;
        };
        self.log.remove(&entry.since);
        if let Some(held) = self.holders.get_mut(&entry.node.address) {
            held.remove(key);
            if held.is_empty() {
                self.holders.remove(&entry.node.address);
            }
        }
        true
    }
}

impl Entry {
    fn renew(&mut self, expires: Instant) {
        self.expires = expires;
        self.restored = false;
    }
}

#[cfg(test)]
mod tests;
