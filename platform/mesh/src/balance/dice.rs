//! Quick chance for choices that are no secret.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

/// Chance without a lock, for choices that are no secret (SplitMix64).
#[derive(Debug)]
pub struct Dice(AtomicU64);

impl Dice {
    /// Returns dice whose throws follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Returns the next 64 random bits.
    pub fn throw(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        mix(self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
    }
}

impl Default for Dice {
    /// Returns dice that fall differently in each process and each time.
    fn default() -> Self {
        Self::new(RandomState::new().hash_one(0))
    }
}

/// Spreads the bits of `state` over all 64 (the finaliser of SplitMix64).
pub(super) fn mix(state: u64) -> u64 {
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Maps 32 random bits to a number below `count` without division.
pub(super) fn below(bits: u32, count: usize) -> usize {
    ((u64::from(bits) * count as u64) >> 32) as usize
}
