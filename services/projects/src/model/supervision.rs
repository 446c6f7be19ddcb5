//! How much a supervisor has taken on, and how much they may.

/// A count with its bound: a supervisor's projects against the quota, a topic's against its capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Load {
    pub taken: u32,
    pub max: u32,
}

impl Load {
    /// Returns whether one more fits.
    pub const fn has_place(self) -> bool {
        self.taken < self.max
    }

    /// Returns how many more fit.
    pub const fn left(self) -> u32 {
        self.max.saturating_sub(self.taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lowered_quota_leaves_nothing_rather_than_less_than_nothing() {
        let load = Load { taken: 5, max: 3 };
        assert!(!load.has_place());
        assert_eq!(load.left(), 0);
    }
}
