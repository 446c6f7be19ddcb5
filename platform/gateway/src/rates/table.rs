//! The buckets of this process, bounded: who has not been seen for longest is forgotten first.
//!
//! Each part keeps two generations. Who is seen moves into the young one; when that is full it becomes the old one, and
//! what was old is dropped at once. Forgetting somebody gives them a full bucket, which errs on their side.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use parking_lot::Mutex;

use super::gcra::{Quota, Verdict};

/// Parts with a lock of their own, so that workers seldom meet.
const PARTS: usize = 16;

/// Whose bucket: the limit, and whom it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) limit: u64,
    pub(crate) subject: u128,
}

/// The buckets.
pub(crate) struct Table {
    parts: Vec<Mutex<Part>>,
    hasher: RandomState,
    young_max: usize,
}

#[derive(Default)]
struct Part {
    young: HashMap<Key, u64>,
    old: HashMap<Key, u64>,
}

impl Table {
    /// Returns a table of at most `buckets_max` buckets.
    pub(crate) fn new(buckets_max: usize) -> Self {
        let young_max = (buckets_max / PARTS / 2).max(1);
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), hasher: RandomState::new(), young_max }
    }

    /// Takes one request at `now_us` out of the bucket of `key`, if there is one in it.
    pub(crate) fn take(&self, key: Key, quota: Quota, now_us: u64) -> Verdict {
        let Some(part) = self.part(key) else { return quota.verdict(0) };
        let mut part = part.lock();
        let mut full_at_us = part.full_at_us(key);
        let verdict = quota.take(&mut full_at_us, now_us);
        part.keep(key, full_at_us, self.young_max);
        verdict
    }

    /// Returns what is left in the bucket of `key`, and takes nothing.
    pub(crate) fn look(&self, key: Key, quota: Quota, now_us: u64) -> Verdict {
        let full_at_us = self.part(key).map_or(0, |part| part.lock().full_at_us(key));
        quota.verdict(full_at_us.saturating_sub(now_us))
    }

    fn part(&self, key: Key) -> Option<&Mutex<Part>> {
        self.parts.get(self.hasher.hash_one(key) as usize % PARTS)
    }
}

impl Part {
    fn full_at_us(&self, key: Key) -> u64 {
        self.young.get(&key).or_else(|| self.old.get(&key)).copied().unwrap_or(0)
    }

    fn keep(&mut self, key: Key, full_at_us: u64, young_max: usize) {
        if self.young.len() >= young_max && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, full_at_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(subject: u128) -> Key {
        Key { limit: 1, subject }
    }

    #[test]
    fn it_stays_bounded_and_remembers_who_is_seen_again_and_again() {
        let (table, quota) = (Table::new(1_600), Quota::of(10, 60, 10).unwrap());
        for round in 0..9 {
            assert!(table.take(key(0), quota, 0).wait_us.is_none());
            for stranger in 1..200_u128 {
                table.take(key(round * 1_000 + stranger), quota, 0);
            }
        }
        let held = |part: &Mutex<Part>| {
            let part = part.lock();
            part.young.len() + part.old.len()
        };
        let held: usize = table.parts.iter().map(held).sum();
        assert!(held <= 1_600, "{held}");
        assert_eq!((table.look(key(0), quota, 0).remaining, table.take(key(0), quota, 0).remaining), (1, 0));
        assert!(table.take(key(0), quota, 0).wait_us.is_some());
    }
}
