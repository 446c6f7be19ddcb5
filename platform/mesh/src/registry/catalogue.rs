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

use self::{agenda::Agenda, entry::Entry};
pub(super) use self::{agenda::Task, care::Care};
use super::{
    Changes, Event, EventKind, Member, NODES_MAX, Order, Standing, Version,
    checks::{Health, Probe},
    damping::Penalty,
    events,
    guard::Guard,
    standing::Mode,
    verdicts::Verdict,
};
use crate::{Error, Node, NodeId, NodeKey};

mod agenda;
mod care;
mod entry;
mod health;

/// Most departures that a registry remembers; who missed more is told everything anew.
pub(super) const GONE_MAX: usize = 4_096;

/// Number of orders above which those for nodes that are gone are forgotten.
const ORDERS_MAX: usize = 4_096;

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
    /// What the operator wants of nodes, those included whose lease ran out.
    orders: BTreeMap<NodeKey, Order>,
    /// How often nodes fell lately, those included that are gone.
    penalties: BTreeMap<NodeKey, Penalty>,
    agenda: Agenda,
    rounds: u64,
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
            orders: BTreeMap::new(),
            penalties: BTreeMap::new(),
            agenda: Agenda::default(),
            rounds: 0,
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

    pub(super) fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.entries.values().map(|entry| &entry.member)
    }

    /// Returns the nodes of `service`, or all, with what their checks say.
    pub(super) fn cared(&self, service: Option<&str>) -> impl Iterator<Item = (&Arc<Member>, &Care)> {
        let first = NodeKey { service: service.unwrap_or_default().to_owned(), id: NodeId::from_u128(0) };
        let entries =
            self.entries.range(first..).take_while(move |(key, _)| service.is_none_or(|name| name == key.service));
        entries.map(|(_, entry)| (&entry.member, &entry.care))
    }

    pub(super) fn orders(&self) -> impl Iterator<Item = (&NodeKey, &Order)> {
        self.orders.iter()
    }

    pub(super) fn count(&self, service: &str) -> i64 {
        let first = NodeKey { service: service.to_owned(), id: NodeId::from_u128(0) };
        let count = self.entries.range(first..).take_while(|(key, _)| key.service == service).count();
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    /// Checks whether a node may enter.
    pub(super) fn may_enter(&self, node: &Node, now: Instant) -> Result<(), Error> {
        node.check()?;
        if !self.entries.contains_key(&node.key()) && self.entries.len() >= NODES_MAX {
            return Err(Error::Full);
        }
        let alive = |entry: &&Entry| !entry.restored && entry.expires > now + self.lease / 2;
        let mut holders = self.others_at(node).into_iter().filter_map(|key| self.entries.get(&key));
        match holders.find(alive) {
            Some(entry) => Err(Error::AddressTaken { address: node.address, holder: entry.member.node.key() }),
            None => Ok(()),
        }
    }

    /// Enters a node, or renews its lease when it says nothing new.
    pub(super) fn enter(&mut self, node: &Node, now: Instant) -> Result<Vec<Event>, Error> {
        let key = node.key();
        if let Some(entry) = self.entries.get_mut(&key).filter(|entry| *entry.member.node == *node) {
            entry.renew(now + self.lease);
            return Ok(Vec::new());
        }
        self.may_enter(node, now)?;
        // Two cannot listen at one address: whoever was there is dead.
        let mut events: Vec<_> = self.others_at(node).iter().filter_map(|key| self.leave(key)).collect();
        self.put(node, now, false);
        events.push(Event::new(EventKind::Joined, key.clone()));
        events.extend(self.review(&key, now));
        Ok(events)
    }

    /// Enters what a snapshot remembers, each with a whole lease.
    pub(super) fn restore(&mut self, nodes: Vec<Node>, orders: Vec<(NodeKey, Order)>, now: Instant) {
        let known: BTreeSet<_> = nodes.iter().map(Node::key).collect();
        self.orders.extend(orders.into_iter().filter(|(key, order)| known.contains(key) && order.check().is_ok()));
        for node in nodes.into_iter().take(NODES_MAX).filter(|node| node.check().is_ok()) {
            self.put(&node, now, true);
            self.review(&node.key(), now);
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
        self.orders.remove(key);
        self.remove(key).then(|| Event::new(EventKind::Left, key.clone()))
    }

    /// Takes out whose lease ran out, unless so many fall silent at once that the fault is likely here.
    pub(super) fn sweep(&mut self, now: Instant, period: Duration) -> Vec<Event> {
        self.forgive_own_pause(now, period);
        // A process renews every third of a lease: whoever has less than half of it left has missed a renewal.
        let silent: BTreeSet<_> = self.ids(|entry| entry.expires <= now + self.lease / 2);
        let all = self.ids(|_| true);
        let mut events: Vec<_> = self.guard.judge(silent.len(), all.len(), now).into_iter().map(Event::guard).collect();
        let late = self.entries.iter().filter(|(_, entry)| entry.is_leased() && entry.expires <= now);
        let late: Vec<_> = late.map(|(key, _)| key.clone()).collect();
        let ended = if self.guard.is_on() { Vec::new() } else { late };
        for key in ended {
            self.remove(&key);
            self.penalize(&key, now);
            events.push(Event::new(EventKind::Expired, key));
        }
        let restless =
            self.entries.iter().filter(|(_, entry)| entry.member.standing.damped || entry.care.is_restless());
        let restless: Vec<_> = restless.map(|(key, _)| key.clone()).collect();
        for key in restless {
            events.extend(self.review(&key, now));
            let entry = self.entries.get(&key);
            if entry.is_some_and(|entry| entry.care.is_given_up(&entry.member.node, now)) {
                events.extend(self.leave(&key));
            }
        }
        self.penalties.retain(|_, penalty| !penalty.is_over(now));
        events
    }

    /// Sets what the operator wants of a node; `None` when there is no such node.
    pub(super) fn order(&mut self, key: &NodeKey, order: Order, now: Instant) -> Option<Vec<Event>> {
        self.entries.contains_key(key).then(|| self.foresee(key, order, now))
    }

    /// Sets what the operator wants of a node, be it there or not.
    pub(super) fn foresee(&mut self, key: &NodeKey, order: Order, now: Instant) -> Vec<Event> {
        if order == Order::default() {
            self.orders.remove(key);
        } else {
            if self.orders.len() >= ORDERS_MAX {
                self.orders.retain(|key, _| self.entries.contains_key(key));
            }
            self.orders.insert(key.clone(), order);
        }
        self.review(key, now)
    }

    pub(super) fn member(&self, key: &NodeKey) -> Option<&Arc<Member>> {
        self.entries.get(key).map(|entry| &entry.member)
    }

    /// Takes in what a caller says of a node.
    pub(super) fn hear(&mut self, verdict: &Verdict, now: Instant) -> Vec<Event> {
        let Some(entry) = self.entries.get_mut(&verdict.node) else {
            return Vec::new();
        };
        entry.care.verdicts.hear(verdict.reporter, verdict.failing, now);
        self.review(&verdict.node, now)
    }

    /// Returns what changed since `seen`.
    pub(super) fn changes(&self, seen: Option<Version>) -> Changes {
        let known = seen.filter(|seen| {
            let numbers = self.forgotten..=self.version.number;
            seen.incarnation == self.version.incarnation && numbers.contains(&seen.number)
        });
        let Some(known) = known else {
            let nodes = self.members().map(Arc::clone).collect();
            return Changes { version: self.version, complete: true, nodes, gone: Vec::new() };
        };
        let changed = self.log.range(known.number + 1..).filter_map(|(_, key)| self.entries.get(key));
        let missed = self.gone.partition_point(|(number, _)| *number <= known.number);
        let gone = self.gone.range(missed..).map(|(_, key)| key).filter(|key| !self.entries.contains_key(key));
        Changes {
            version: self.version,
            complete: false,
            nodes: changed.map(|entry| Arc::clone(&entry.member)).collect(),
            gone: gone.cloned().collect(),
        }
    }

    /// Returns the other nodes that say to be at the address of `node`. What others registered may share an address among
    /// themselves: whose it is they know, not we.
    fn others_at(&self, node: &Node) -> Vec<NodeKey> {
        let held = self.holders.get(&node.address).into_iter().flatten();
        let leased = |key: &&NodeKey| key.id != node.id && self.entries.get(*key).is_some_and(Entry::is_leased);
        held.filter(leased).cloned().collect()
    }

    /// A process that was stopped heard no renewal meanwhile; that is not the nodes' fault.
    fn forgive_own_pause(&mut self, now: Instant, period: Duration) {
        let slept = self.swept.replace(now).map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        let Some(pause) = slept.checked_sub(period * 2) else {
            return;
        };
        for entry in self.entries.values_mut() {
            entry.expires = (entry.expires + pause).min(now + self.lease);
            entry.care.forgive(pause, now);
        }
    }

    fn ids(&self, which: impl Fn(&Entry) -> bool) -> BTreeSet<NodeId> {
        self.entries.iter().filter(|(_, entry)| entry.is_leased() && which(entry)).map(|(key, _)| key.id).collect()
    }

    /// Brings a node's standing up to date; returns what that changes.
    fn review(&mut self, key: &NodeKey, now: Instant) -> Vec<Event> {
        let order = self.orders.get(key).cloned().unwrap_or_default();
        let Some(entry) = self.entries.get_mut(key) else {
            return Vec::new();
        };
        let (health, convicted) = (entry.care.health(now), entry.care.verdicts.convict(now));
        let before = entry.member.standing.clone();
        let falls = health == Health::Critical && before.health != Health::Critical || convicted && !before.convicted;
        // What fails while it is being worked on did not fall.
        if falls && order.mode == Mode::Serving {
            self.penalize(key, now);
        }
        let damped = self.penalties.get_mut(key).is_some_and(|penalty| penalty.suppresses(now));
        let standing = Standing { health, convicted, damped, order };
        let events = events::differences(key, &before, &standing);
        if standing != before {
            self.stand(key, standing);
        }
        events
    }

    fn penalize(&mut self, key: &NodeKey, now: Instant) {
        if self.penalties.len() < NODES_MAX || self.penalties.contains_key(key) {
            self.penalties.entry(key.clone()).or_insert_with(|| Penalty::none(now)).add(now);
        }
    }

    /// Gives a node that is there another standing, as a new version of it.
    fn stand(&mut self, key: &NodeKey, standing: Standing) {
        let since = self.next(&key.service);
        if let Some(entry) = self.entries.get_mut(key) {
            self.log.remove(&entry.since);
            self.log.insert(since, key.clone());
            entry.since = since;
            entry.member = Arc::new(Member { node: Arc::clone(&entry.member.node), standing });
        }
    }

    fn put(&mut self, node: &Node, now: Instant, restored: bool) {
        let key = node.key();
        let before = self.detach(&key);
        let standing = before.as_ref().map(|entry| entry.member.standing.clone()).unwrap_or_default();
        let care = Care::of(node, before.map(|entry| entry.care), now);
        self.rounds += 1;
        for check in node.checks.iter().filter(|check| check.probe != Probe::Ttl) {
            let task = Task { key: key.clone(), check: check.name.clone(), round: self.rounds };
            self.agenda.begin(task, check.interval(), now);
        }
        let since = self.next(&key.service);
        self.log.insert(since, key.clone());
        self.holders.entry(node.address).or_default().insert(key.clone());
        let (member, round) = (Arc::new(Member { node: Arc::new(node.clone()), standing }), self.rounds);
        self.entries.insert(key, Entry { member, since, expires: now + self.lease, care, round, restored });
    }

    fn remove(&mut self, key: &NodeKey) -> bool {
        if self.detach(key).is_none() {
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

    fn detach(&mut self, key: &NodeKey) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.log.remove(&entry.since);
        let address = entry.member.node.address;
        if let Some(held) = self.holders.get_mut(&address) {
            held.remove(key);
            if held.is_empty() {
                self.holders.remove(&address);
            }
        }
        Some(entry)
    }
}

#[cfg(test)]
mod tests;
