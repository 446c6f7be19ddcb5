//! The nodes of one upstream, prepared for choices: by policy, and nearby ones first.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Dice, Drawn, Load, Maglev, cheaper_of_two, dice, draw, last_resort, load};
use crate::breaker::Standing;

/// Most places of a hash table that are tried before chance decides.
const PLACES_TRIED_MAX: usize = 64;

/// How a node is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The cheaper of two by peak EWMA and requests under way.
    #[default]
    PeakEwma,
    /// The less busy of two.
    LeastRequest,
    /// By chance, in proportion to the weights.
    Weighted,
    /// The same node for the same key, as long as it is there (Maglev).
    RingHash,
}

/// How the nodes of an upstream are chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The policy: `peak-ewma`, `least-request`, `weighted` or `ring-hash`. Since v0.1.
    pub policy: Policy,
    /// The zone of this process; nodes of the same zone are preferred. Since v0.1.
    pub zone: Option<String>,
    /// Fewest nodes of an upstream for which zones count. Since v0.1.
    pub zone_nodes_min: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { policy: Policy::PeakEwma, zone: None, zone_nodes_min: 6 }
    }
}

/// What is said of a node.
#[derive(Debug, Clone, Copy)]
pub struct Traits<'a> {
    /// A number that stays the same for this node and is another for every other.
    pub id: u64,
    /// Where it stands.
    pub zone: Option<&'a str>,
    /// Its weight beside the others, above 0.
    pub weight: u32,
}

/// One choice.
#[derive(Debug, Clone, Copy)]
pub struct Draw<'a> {
    /// Chance.
    pub dice: &'a Dice,
    /// The time.
    pub now: Instant,
    /// The hash of what the request belongs to, for [`Policy::RingHash`].
    pub key: Option<u64>,
}

/// The nodes of one upstream, prepared for choices; made anew when they change. A choice allocates nothing.
#[derive(Debug)]
pub struct Balancer<T> {
    policy: Policy,
    /// Those of the own zone first.
    nodes: Vec<Arc<T>>,
    near: usize,
    /// How often the own zone is chosen, in 2^32.
    near_odds: u64,
    table: Option<Maglev>,
}

impl<T: AsRef<Load>> Balancer<T> {
    /// Prepares `nodes`, whose traits are as `traits` says.
    pub fn new<'t>(mut nodes: Vec<Arc<T>>, settings: &Settings, traits: impl Fn(&T) -> Traits<'t>) -> Self {
        super::weigh(nodes.iter().map(|node| (load(node), traits(node).weight)));
        let zone = settings.zone.as_deref().filter(|_| nodes.len() >= settings.zone_nodes_min);
        let is_near = |node: &Arc<T>| zone.is_some() && traits(node).zone == zone;
        nodes.sort_by_key(|node| !is_near(node));
        let near = nodes.iter().filter(|node| is_near(node)).count();
        let zones: std::collections::BTreeSet<_> = nodes.iter().map(|node| traits(node).zone).collect();
        // With its fair part of the nodes a zone keeps all of its traffic; with less, what is beyond it goes out.
        let near_odds = ((near * zones.len()) as u64).saturating_mul(1 << 32) / nodes.len().max(1) as u64;
        let by_key = settings.policy == Policy::RingHash;
        let table = by_key.then(|| Maglev::new(nodes.iter().map(|node| (traits(node).id, traits(node).weight))));
        Self { policy: settings.policy, near, near_odds, table: table.flatten(), nodes }
    }

    /// Returns the nodes.
    pub fn nodes(&self) -> &[Arc<T>] {
        &self.nodes
    }

    /// Chooses a node, none of those for which `excluded` is true.
    pub fn pick(&self, choice: Draw<'_>, excluded: impl Fn(&T) -> bool) -> Option<&Arc<T>> {
        if let (Some(table), Some(key)) = (&self.table, choice.key)
            && let Some(node) = self.by_key(table, key, choice.now, &excluded)
        {
            return Some(node);
        }
        let nodes = self.side(choice);
        let chosen = self.among(nodes, choice, &excluded);
        if nodes.len() == self.nodes.len() {
            chosen
        } else {
            chosen.or_else(|| self.among(&self.nodes, choice, &excluded))
        }
    }

    fn among<'a>(
        &self,
        nodes: &'a [Arc<T>],
        Draw { dice, now, .. }: Draw<'_>,
        excluded: &impl Fn(&T) -> bool,
    ) -> Option<&'a Arc<T>> {
        let busy = |load: &Load| f64::from(load.in_flight()) / load.share_at(now);
        match self.policy {
            Policy::PeakEwma => super::pick(nodes, dice, now, excluded),
            Policy::LeastRequest => cheaper_of_two(nodes, dice, now, excluded, busy),
            Policy::Weighted | Policy::RingHash => match draw(nodes, dice, now, None, excluded) {
                Drawn::Node(node, _) | Drawn::Probe(node) => Some(node),
                Drawn::Nothing => last_resort(nodes, now, excluded, &busy),
            },
        }
    }

    /// Returns the nodes of the own zone, of the others, or all.
    fn side(&self, choice: Draw<'_>) -> &[Arc<T>] {
        let (near, far) = self.nodes.split_at(self.near.min(self.nodes.len()));
        if near.is_empty() || far.is_empty() || ill_in_part(near, choice.now) {
            return &self.nodes;
        }
        if (choice.dice.throw() >> 32) < self.near_odds { near } else { far }
    }

    fn by_key(&self, table: &Maglev, key: u64, now: Instant, excluded: &impl Fn(&T) -> bool) -> Option<&Arc<T>> {
        let mut places =
            table.nodes_of(dice::mix(key)).take(PLACES_TRIED_MAX).filter_map(|index| self.nodes.get(index));
        let panic = self.nodes.first().is_some_and(|node| load(node).upstream().panics());
        places.find(|node| {
            let breaker = load(node).breaker();
            let admitted = match breaker.standing(now) {
                Standing::Closed => true,
                Standing::ProbeDue => panic || breaker.claim_probe(now),
                Standing::Open => panic,
            };
            admitted && !excluded(node)
        })
    }
}

/// Returns whether half of the nodes or more are not closed; they are counted only when any of the upstream is not.
fn ill_in_part<T: AsRef<Load>>(nodes: &[Arc<T>], now: Instant) -> bool {
    let any = nodes.first().is_some_and(|node| load(node).upstream().ejected() > 0);
    let ill = |node: &&Arc<T>| load(node).breaker().standing(now) != Standing::Closed;
    any && nodes.iter().filter(ill).count() * 2 >= nodes.len()
}
