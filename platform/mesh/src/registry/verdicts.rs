//! What gateways and services say of a node that they called: taken when enough of them say the same within a while.
//!
//! Owns the last word of each reporter. Pure. Never believes one reporter alone: its own breaker spares it the node, and the
//! fault may lie between the two. Start reading at [`Verdicts::convict`].

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{NodeId, NodeKey};

/// How long a word takes to weigh half of what it did.
pub const HALF_LIFE: Duration = Duration::from_secs(15);
/// Weight above which a node is passed over: two reporters within 15 seconds of each other, and never one alone.
pub const CONVICT: f64 = 1.5;
/// Weight below which it is taken again.
pub const ACQUIT: f64 = 0.75;
/// Most reporters whose word is kept of one node.
pub const REPORTERS_MAX: usize = 64;

/// What a process says of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Who says it.
    pub reporter: NodeId,
    /// Of which node.
    pub node: NodeKey,
    /// Whether it fails; false takes back what was said.
    pub failing: bool,
}

/// What is said of one node.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    said: BTreeMap<NodeId, Instant>,
    convicted: bool,
}

impl Verdicts {
    /// Takes in a word said at `now`.
    pub fn hear(&mut self, reporter: NodeId, failing: bool, now: Instant) {
        if !failing {
            self.said.remove(&reporter);
        } else if self.said.contains_key(&reporter) || self.said.len() < REPORTERS_MAX {
            self.said.insert(reporter, now);
        }
    }

    /// Returns whether the node is to be passed over at `now`.
    pub fn convict(&mut self, now: Instant) -> bool {
        self.said.retain(|_, said| counts(*said, now));
        let weight: f64 = self.said.values().map(|said| weight(*said, now)).sum();
        self.convicted = weight > if self.convicted { ACQUIT } else { CONVICT };
        self.convicted
    }

    /// Returns whether nothing that is said counts any more.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty() && !self.convicted
    }

    /// Returns how many reporters' words still count.
    pub fn reporters(&self) -> usize {
        self.said.len()
    }
}

fn weight(said: Instant, now: Instant) -> f64 {
    (-now.saturating_duration_since(said).as_secs_f64() / HALF_LIFE.as_secs_f64()).exp2()
}

fn counts(said: Instant, now: Instant) -> bool {
    now.saturating_duration_since(said) < HALF_LIFE * 6
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reporter(number: u128) -> NodeId {
        NodeId::from_u128(number)
    }

    #[test]
    fn one_reporter_convicts_nobody_two_do_and_their_words_fade() {
        let (mut verdicts, now) = (Verdicts::default(), Instant::now());
        for _ in 0..100 {
            verdicts.hear(reporter(1), true, now);
        }
        assert!(!verdicts.convict(now));
        verdicts.hear(reporter(2), true, now + Duration::from_secs(5));
        assert!(verdicts.convict(now + Duration::from_secs(5)));
        assert!(verdicts.convict(now + HALF_LIFE));
        assert!(!verdicts.convict(now + HALF_LIFE * 2));
        assert!(!verdicts.convict(now + HALF_LIFE * 7));
        assert!(verdicts.is_empty());
    }

    #[test]
    fn words_that_are_taken_back_acquit_at_once() {
        let (mut verdicts, now) = (Verdicts::default(), Instant::now());
        verdicts.hear(reporter(1), true, now);
        verdicts.hear(reporter(2), true, now);
        assert!(verdicts.convict(now));
        verdicts.hear(reporter(1), false, now);
        assert!(verdicts.convict(now), "one word still stands and the node was found failing");
        verdicts.hear(reporter(2), false, now);
        assert!(!verdicts.convict(now));
    }

    proptest! {
        #[test]
        fn whatever_one_reporter_says_and_when_it_alone_convicts_nobody(words in prop::collection::vec((any::<bool>(), 0..30_000_u64), 0..50)) {
            let (mut verdicts, mut now) = (Verdicts::default(), Instant::now());
            for (failing, gap) in words {
                now += Duration::from_millis(gap);
                verdicts.hear(reporter(1), failing, now);
                prop_assert!(!verdicts.convict(now));
            }
        }

        #[test]
        fn nobody_stays_convicted_after_the_last_word_has_faded(reporters in 1..200_u128, gap in 0..1_000_u64) {
            let (mut verdicts, mut now) = (Verdicts::default(), Instant::now());
            for number in 0..reporters {
                now += Duration::from_millis(gap);
                verdicts.hear(reporter(number), true, now);
                verdicts.convict(now);
            }
            prop_assert!(verdicts.reporters() <= REPORTERS_MAX);
            now += HALF_LIFE * 6;
            prop_assert!(!verdicts.convict(now));
            prop_assert!(verdicts.is_empty());
        }
    }
}
