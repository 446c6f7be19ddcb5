//! The statements that cost most in this process.

use storage::{Statement, statement::Usage};

/// How many are shown.
pub const SHOWN_MAX: usize = 20;

/// A statement and what it has cost.
#[derive(Debug, Clone)]
pub struct Cost {
    pub id: &'static str,
    pub sql: &'static str,
    pub usage: Usage,
    /// Its part in the time of all statements, in tenths of a percent.
    pub share_permille: u64,
}

impl Cost {
    /// Returns the mean time of a run, in microseconds.
    pub fn mean_us(&self) -> u128 {
        self.usage.time_total.as_micros() / u128::from(self.usage.calls.max(1))
    }

    /// Returns its part in the time of all statements, as text.
    pub fn share(&self) -> String {
        format!("{}.{} %", self.share_permille / 10, self.share_permille % 10)
    }
}

/// Returns the statements that took most time in all, the dearest first. A statement of several databases is one.
pub fn dearest(statements: impl Iterator<Item = &'static Statement>) -> Vec<Cost> {
    let mut costs: Vec<Cost> = statements
        .map(|statement| Cost { id: statement.id, sql: statement.sql, usage: statement.usage(), share_permille: 0 })
        .filter(|cost| cost.usage.calls > 0)
        .collect();
    costs.sort_by_key(|cost| cost.id);
    costs.dedup_by_key(|cost| cost.id);
    let all: u128 = costs.iter().map(|cost| cost.usage.time_total.as_nanos()).sum();
    for cost in &mut costs {
        let permille = cost.usage.time_total.as_nanos() * 1_000 / all.max(1);
        cost.share_permille = u64::try_from(permille).unwrap_or(0);
    }
    costs.sort_by_key(|cost| std::cmp::Reverse(cost.usage.time_total));
    costs.truncate(SHOWN_MAX);
    costs
}
