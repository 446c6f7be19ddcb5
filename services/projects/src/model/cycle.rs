//! A cycle: an academic year's run of projects, with its dates and its policy.

use access::Subjects;
use base::{FieldError, Timestamp, text};
use contracts::roles::COORDINATES;
use serde::{Deserialize, Serialize};

use super::{
    facts::Guard,
    machine::{self, Row},
    topic,
    words::{Spoken, words},
};

/// A step of a cycle refused.
pub type Illegal = machine::Illegal<State, Action>;

/// Most members that a policy may allow in one project.
pub const MEMBERS_MAX: u16 = 12;
/// Most days of grace that a policy may give late work.
pub const LATE_DAYS_MAX: u16 = 60;
/// Most declarations that a policy may ask for.
pub const DECLARATIONS_MAX: usize = 12;

words! {
    /// Where a cycle is.
    State {
        Draft = "draft",
        Open = "open",
        Closed = "closed",
        Archived = "archived",
    }
}

impl Spoken for State {
    const TEXTS: &'static str = "projects-cycle-state";
}

impl State {
    /// Returns true while people can be enrolled, by hand or by import.
    pub const fn takes_people(self) -> bool {
        matches!(self, Self::Draft | Self::Open)
    }
}

words! {
    /// What can be done with a cycle.
    Action {
        Open = "open",
        Close = "close",
        Archive = "archive",
    }
}

impl Spoken for Action {
    const TEXTS: &'static str = "projects-cycle-action";
}

const WHO: Subjects = COORDINATES;

/// Every step of a cycle.
pub static TABLE: &[Row<State, Action>] = &[
    Row::new(State::Draft, Action::Open, State::Open, WHO).when(&[Guard::DatesInOrder]),
    Row::new(State::Open, Action::Close, State::Closed, WHO),
    Row::new(State::Closed, Action::Open, State::Open, WHO).when(&[Guard::DatesInOrder]),
    Row::new(State::Closed, Action::Archive, State::Archived, WHO),
    Row::new(State::Draft, Action::Archive, State::Archived, WHO),
];

words! {
    /// Whose consent a proposal needs.
    Approvals {
        /// The supervisor's; a coordinator may stand in.
        Supervisor = "supervisor",
        /// The supervisor's first, then a coordinator's.
        SupervisorAndCoordinator = "supervisor_and_coordinator",
    }
}

/// The rules of one cycle.
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own that a coordinator switches")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Whose consent a proposal needs.
    pub approvals: Approvals,
    /// Most members of one project.
    pub members_max: u16,
    /// Least characters of a proposal's summary.
    pub summary_chars_min: u32,
    /// Whether a proposal says how the work will be done.
    pub methods_wanted: bool,
    /// Days after a deadline during which work is still taken, marked as late.
    pub late_days: u16,
    /// Whether a project lapses when its deadline and the grace are over.
    pub lapse: bool,
    /// Whether there is a defence.
    pub defence: bool,
    /// Whether topics are reviewed by a coordinator before they open.
    pub topics_reviewed: bool,
    /// What members declare with the final submission.
    pub declarations: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            approvals: Approvals::Supervisor,
            members_max: 3,
            summary_chars_min: 80,
            methods_wanted: false,
            late_days: 0,
            lapse: false,
            defence: true,
            topics_reviewed: false,
            declarations: vec!["own_work".to_owned(), "sources_named".to_owned()],
        }
    }
}

/// The dates of one cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    pub starts_at: Timestamp,
    pub proposals_until_at: Timestamp,
    pub final_due_at: Timestamp,
    pub ends_at: Timestamp,
}

/// Returns the name of a cycle, or what is wrong with it.
pub fn name(text: &str) -> Result<String, FieldError> {
    text::line(text, topic::TITLE_CHARS_MAX).map_err(|refused| FieldError::new("name", refused.reason()))
}

impl Dates {
    /// Returns what is out of order: proposals end after the start, final work is due after that, the cycle ends last.
    pub fn faults(&self) -> Vec<FieldError> {
        let order = [
            ("proposals_until_at", self.starts_at < self.proposals_until_at),
            ("final_due_at", self.proposals_until_at < self.final_due_at),
            ("ends_at", self.final_due_at <= self.ends_at),
        ];
        order.iter().filter(|(_, holds)| !holds).map(|(field, _)| FieldError::new(*field, "order")).collect()
    }
}

impl Policy {
    /// Returns what is out of bounds.
    pub fn faults(&self) -> Vec<FieldError> {
        let bounds = [
            ("members_max", (1..=MEMBERS_MAX).contains(&self.members_max)),
            ("late_days", self.late_days <= LATE_DAYS_MAX),
            ("summary_chars_min", self.summary_chars_min <= super::proposal::SUMMARY_CHARS_MAX),
            ("declarations", self.declarations.len() <= DECLARATIONS_MAX),
        ];
        bounds.iter().filter(|(_, holds)| !holds).map(|(field, _)| FieldError::new(*field, "range")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Facts;

    fn dates(days: [i64; 4]) -> Dates {
        let [starts_at, proposals_until_at, final_due_at, ends_at] = days.map(Timestamp::from_micros);
        Dates { starts_at, proposals_until_at, final_due_at, ends_at }
    }

    #[test]
    fn a_name_says_something() {
        assert_eq!(name(" 2026/27 ").as_deref(), Ok("2026/27"));
        assert_eq!(name("  "), Err(FieldError::new("name", "blank")));
    }

    #[test]
    fn dates_out_of_order_are_named() {
        assert!(dates([1, 2, 3, 3]).faults().is_empty());
        assert_eq!(dates([2, 2, 3, 4]).faults(), [FieldError::new("proposals_until_at", "order")]);
        assert_eq!(dates([1, 2, 3, 2]).faults(), [FieldError::new("ends_at", "order")]);
    }

    #[test]
    fn an_archived_cycle_stays_archived() {
        let facts = Facts::all_holding(COORDINATES);
        assert!(machine::legal(TABLE, State::Archived, &facts).is_empty());
        assert_eq!(machine::legal(TABLE, State::Open, &facts), [Action::Close]);
    }

    #[test]
    fn a_policy_without_a_field_takes_its_default_and_an_unknown_field_is_refused() {
        let policy: Policy = serde_json::from_str(r#"{"late_days": 3}"#).unwrap();
        assert_eq!(policy, Policy { late_days: 3, ..Policy::default() });
        assert!(serde_json::from_str::<Policy>(r#"{"late_day": 3}"#).is_err());
    }

    #[test]
    fn a_policy_has_bounds() {
        assert!(Policy::default().faults().is_empty());
        let greedy = Policy { members_max: 0, late_days: 61, ..Policy::default() };
        assert_eq!(greedy.faults().len(), 2);
    }
}
