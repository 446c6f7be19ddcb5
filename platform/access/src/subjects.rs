//! Sets of roles and relations, one bit each.

use std::fmt;

/// Somebody who has not signed in.
pub const NOBODY: Subjects = Subjects::bit(0);
/// Any signed-in person, whatever their roles.
pub const SIGNED_IN: Subjects = Subjects::bit(1);
/// The installation itself: a job, a consumer, the command line.
pub const SYSTEM: Subjects = Subjects::bit(2);
/// Everybody who can send a request, signed in or not.
pub const ANYONE: Subjects = NOBODY.or(SIGNED_IN);

/// The lowest bit that a product may give a meaning to; those below are built in.
pub const FIRST_FREE_BIT: u32 = 3;

/// A set of roles and relations: what a caller is, or whom an action allows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Subjects(u64);

impl Subjects {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Returns the set with this bit alone; `index` is from 0 to 63.
    pub const fn bit(index: u32) -> Self {
        assert!(index < u64::BITS, "a subject's bit is from 0 to 63");
        Self(1 << index)
    }

    /// Returns the set with these bits.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Returns the bits.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Returns what is in either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns what is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns this set without what is in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns true when the sets have something in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns true when all of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns true for the empty set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns how many roles and relations are in the set.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Returns this set with `other` added when `holds`: reads well where relations are collected.
    #[must_use]
    pub const fn with_if(self, holds: bool, other: Self) -> Self {
        if holds { self.or(other) } else { self }
    }
}

impl std::ops::BitOr for Subjects {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl std::ops::BitOrAssign for Subjects {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.or(other);
    }
}

impl fmt::Debug for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subjects({:#x})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_a_set_of_its_own() {
        for first in 0..64 {
            assert_eq!(Subjects::bit(first).count(), 1);
            for second in 0..64 {
                assert_eq!(Subjects::bit(first).meets(Subjects::bit(second)), first == second);
            }
        }
    }

    #[test]
    fn set_operations_are_those_of_sets() {
        let both = NOBODY.or(SYSTEM);
        assert!(both.contains(SYSTEM) && !both.contains(ANYONE) && both.meets(ANYONE));
        assert_eq!(both.without(NOBODY), SYSTEM);
        assert_eq!(both.and(ANYONE), NOBODY);
        assert!(Subjects::NONE.is_empty() && !Subjects::NONE.meets(both));
        assert_eq!(NOBODY.with_if(false, SYSTEM), NOBODY);
        assert_eq!(NOBODY.with_if(true, SYSTEM), both);
    }
}
