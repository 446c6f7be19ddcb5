//! Consistent hashing by a table in which every node has its share of the places.
//!
//! Maglev (Eisenbud and others, NSDI 2016, section 3.4): each node fills the table in an order of its own, in turns. When
//! a node leaves, its places are given to others and few other places change.

use super::dice::mix;

/// The places of a table (a prime, Envoy's default): at least 100 for each node up to 655 nodes.
pub(super) const PLACES: usize = 65_537;
/// Most nodes of a table.
const NODES_MAX: usize = u16::MAX as usize;
const EMPTY: u16 = u16::MAX;

/// A table from hashes to nodes by their positions.
#[derive(Debug)]
pub struct Maglev(Box<[u16]>);

/// One node while the table is filled.
struct Filler {
    next: usize,
    skip: usize,
    weight: u64,
    /// The weight it must have gathered before its next turn.
    due: u64,
}

impl Maglev {
    /// Returns the table of nodes, each by an id that stays the same and a weight above 0; `None` without nodes.
    pub fn new(nodes: impl Iterator<Item = (u64, u32)>) -> Option<Self> {
        let mut fillers: Vec<Filler> = nodes.take(NODES_MAX).map(|(id, weight)| Filler::of(id, weight)).collect();
        let heaviest = fillers.iter().map(|filler| filler.weight).max()?;
        let mut places = vec![EMPTY; PLACES];
        let mut filled = 0;
        for round in 1.. {
            for (index, filler) in fillers.iter_mut().enumerate() {
                if filled == PLACES {
                    return Some(Self(places.into()));
                }
                if round * filler.weight < filler.due {
                    continue;
                }
                filler.due += heaviest;
                filler.take(&mut places, index as u16);
                filled += 1;
            }
        }
        None
    }

    /// Returns the positions of nodes for `hash`: the one it belongs to, then others in an order that stays.
    pub fn nodes_of(&self, hash: u64) -> impl Iterator<Item = usize> + '_ {
        let first = (hash % PLACES as u64) as usize;
        let (before, after) = self.0.split_at(first.min(self.0.len()));
        after.iter().chain(before).map(|index| usize::from(*index))
    }
}

impl Filler {
    fn of(id: u64, weight: u32) -> Self {
        let (offset, skip) = (mix(id), mix(id ^ 0x9e37_79b9_7f4a_7c15));
        Self {
            next: (offset % PLACES as u64) as usize,
            skip: (skip % (PLACES as u64 - 1)) as usize + 1,
            weight: u64::from(weight.max(1)),
            due: 0,
        }
    }

    /// Takes the next free place in this node's order.
    fn take(&mut self, places: &mut [u16], index: u16) {
        // The number of places is a prime, so the order visits each of them once.
        while let Some(place) = places.get_mut(self.next) {
            self.next = (self.next + self.skip) % PLACES;
            if *place == EMPTY {
                *place = index;
                return;
            }
        }
    }
}
