//! Which of several nodes gets the next request: the power of two choices on peak EWMA, and its alternatives.
//!
//! Owns the measure of how busy and how quick a node is. Never connects to anything.
//! Start reading at [`pick`]; [`Load`] is the measure, [`Balancer`] the other policies and zones. Two nodes are drawn at
//! random by weight and the cheaper one is taken, where the cost is the expected wait: a moving average of round trips
//! that jumps up at once and comes down slowly, times the requests already under way. Good with few samples, immune to
//! herds, and it needs no coordination. A node whose breaker is open is passed over, unless so many are open that the
//! breakers are the likelier fault.

mod balancer;
mod dice;
mod load;
mod maglev;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

pub use self::{
    balancer::{Balancer, Draw, Policy, Settings, Traits},
    dice::Dice,
    load::{Load, Snapshot},
    maglev::Maglev,
};
use crate::breaker::{Outcome, Standing};

/// The round trip assumed of a node that has answered nothing yet (linkerd's default).
pub const ROUND_TRIP_ASSUMED: Duration = Duration::from_millis(30);
/// How fast old round trips are forgotten (Finagle's and linkerd's default).
pub const DECAY: Duration = Duration::from_secs(10);
/// The round trip that a failure counts as, lest a node that fails at once look like the quickest.
pub const PENALTY: Duration = Duration::from_secs(5);
/// How long a node that says 429 without `retry-after` is left alone.
pub const REFUSED: Duration = Duration::from_secs(1);
/// How long a node is left alone at most, whatever its `retry-after` says (Envoy's bound).
pub const REFUSED_MAX: Duration = Duration::from_mins(5);
/// How long a node that has just come gets less than its share.
pub const SLOW_START: Duration = Duration::from_secs(30);
/// The part of its share that a node begins with (Envoy's default).
pub const SLOW_START_SHARE_MIN: f64 = 0.1;

/// How much dearer a node must be to lose against another. Without it the noise in the averages of equal nodes would
/// rank them, and the first would get twice its share.
const ALIKE: f64 = 1.25;
/// How often a node is drawn before the last one that may be taken is taken. Nodes of little weight are passed over most
/// of the time, which is what makes draws follow weights.
const DRAWS_MAX: u32 = 32;

/// Chooses one of `nodes`, none of those for which `excluded` is true, by the power of two choices.
///
/// A node whose breaker wants to probe is taken when drawn, and its probe is claimed: send the request.
pub fn pick<'a, T: AsRef<Load>>(
    nodes: &'a [Arc<T>],
    dice: &Dice,
    now: Instant,
    excluded: impl Fn(&T) -> bool,
) -> Option<&'a Arc<T>> {
    cheaper_of_two(nodes, dice, now, &excluded, |load| load.cost(now))
}

/// Draws two of `nodes` and takes the one that costs less.
fn cheaper_of_two<'a, T: AsRef<Load>>(
    nodes: &'a [Arc<T>],
    dice: &Dice,
    now: Instant,
    excluded: &impl Fn(&T) -> bool,
    cost: impl Fn(&Load) -> f64,
) -> Option<&'a Arc<T>> {
    let (one, first) = match draw(nodes, dice, now, None, excluded) {
        Drawn::Node(node, index) => (node, index),
        Drawn::Probe(node) => return Some(node),
        Drawn::Nothing => return last_resort(nodes, now, excluded, &cost),
    };
    match draw(nodes, dice, now, Some(first), excluded) {
        Drawn::Node(two, _) if cost(load(two)) * ALIKE < cost(load(one)) => Some(two),
        Drawn::Probe(two) => Some(two),
        Drawn::Node(..) | Drawn::Nothing => Some(one),
    }
}

enum Drawn<'a, T> {
    Node(&'a Arc<T>, usize),
    /// Its breaker lets this one request through.
    Probe(&'a Arc<T>),
    Nothing,
}

/// Draws a node other than the one at `skipped`, each as often as its share says.
fn draw<'a, T: AsRef<Load>>(
    nodes: &'a [Arc<T>],
    dice: &Dice,
    now: Instant,
    skipped: Option<usize>,
    excluded: &impl Fn(&T) -> bool,
) -> Drawn<'a, T> {
    let count = nodes.len() - usize::from(skipped.is_some() && !nodes.is_empty());
    let panic = nodes.first().is_some_and(|node| load(node).upstream().panics());
    let mut admitted = Drawn::Nothing;
    for _ in 0..if count == 0 { 0 } else { DRAWS_MAX } {
        let bits = dice.throw();
        let index = dice::below(bits as u32, count);
        let index = index + usize::from(skipped.is_some_and(|skipped| index >= skipped));
        let Some(node) = nodes.get(index).filter(|node| !excluded(node)) else {
            continue;
        };
        match load(node).breaker().standing(now) {
            Standing::ProbeDue if load(node).breaker().claim_probe(now) => return Drawn::Probe(node),
            Standing::Open | Standing::ProbeDue if !panic && nodes.len() > 1 => continue,
            Standing::Closed | Standing::Open | Standing::ProbeDue => admitted = Drawn::Node(node, index),
        }
        // Shares are beside others: who is alone is taken as it is.
        if count == 1 || f64::from((bits >> 32) as u32) < load(node).share_at(now) * f64::from(u32::MAX) {
            break;
        }
    }
    admitted
}

/// Takes the cheapest of the nodes that may be taken when chance found none; one with an open breaker rather than none.
fn last_resort<'a, T: AsRef<Load>>(
    nodes: &'a [Arc<T>],
    now: Instant,
    excluded: &impl Fn(&T) -> bool,
    cost: &impl Fn(&Load) -> f64,
) -> Option<&'a Arc<T>> {
    let rank = |node: &Arc<T>| (load(node).breaker().standing(now) != Standing::Closed, cost(load(node)));
    let others = nodes.iter().filter(|node| !excluded(node)).map(|node| (rank(node), node));
    others.min_by(|(one, _), (two, _)| one.0.cmp(&two.0).then(one.1.total_cmp(&two.1))).map(|(_, node)| node)
}

/// Sets the weights of the nodes of one upstream: each gets traffic in proportion. They must be above 0.
pub fn weigh<'a>(weights: impl Iterator<Item = (&'a Load, u32)> + Clone) {
    let heaviest = weights.clone().map(|(_, weight)| weight).max().unwrap_or(1);
    for (load, weight) in weights {
        load.weigh(weight, heaviest);
    }
}

/// A request under way at a node. Its end is told by [`InFlight::answered`], [`InFlight::refused`] or
/// [`InFlight::failed`]; dropping it otherwise, for example because the client went away, says nothing about the node.
#[derive(Debug)]
pub struct InFlight<T: AsRef<Load>> {
    node: Arc<T>,
    since: Instant,
}

impl<T: AsRef<Load>> InFlight<T> {
    /// Counts a request that begins at `now`.
    pub fn begin(node: Arc<T>, now: Instant) -> Self {
        load(&node).begin();
        Self { node, since: now }
    }

    /// Returns the node.
    pub fn node(&self) -> &Arc<T> {
        &self.node
    }

    /// Says that the node began to answer at `now`.
    pub fn answered(&self, now: Instant) {
        load(&self.node).finish(self.since, now, Outcome::Answered);
    }

    /// Says that the node has enough at the moment (429), and for how long if it said so. It is no failure.
    pub fn refused(&self, retry_after: Option<Duration>, now: Instant) {
        load(&self.node).refuse(retry_after.unwrap_or(REFUSED), now);
        self.answered(now);
    }

    /// Says that the node failed.
    pub fn failed(&self, now: Instant) {
        load(&self.node).finish(self.since, now, Outcome::Failed);
    }
}

impl<T: AsRef<Load>> Drop for InFlight<T> {
    fn drop(&mut self) {
        load(&self.node).end();
    }
}

fn load<T: AsRef<Load>>(node: &Arc<T>) -> &Load {
    node.as_ref().as_ref()
}

#[cfg(test)]
mod tests;
