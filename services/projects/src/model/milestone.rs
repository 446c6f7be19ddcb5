//! Milestones: a template of items, planned into dates, each with a small life of its own.

use std::time::Duration;

use access::{SYSTEM, Subjects};
use base::{FieldError, Timestamp, text};
use contracts::roles::{COORDINATES, OWNER, SUPERVISES};

use super::{
    accepted::Accepted,
    facts::Guard,
    machine::{self, Effect, Row},
    topic,
    words::{Spoken, words},
};

/// A step of a milestone refused.
pub type Illegal = machine::Illegal<State, Action>;

/// Most milestones of one template.
pub const ITEMS_MAX: usize = 40;
/// Most days from the start of a project to a milestone.
pub const DAYS_MAX: u16 = 1_500;

const DAY: Duration = Duration::from_hours(24);

words! {
    /// Where a milestone is.
    State {
        Planned = "planned",
        Due = "due",
        Submitted = "submitted",
        Returned = "returned",
        Approved = "approved",
        Waived = "waived",
        Missed = "missed",
    }
}

impl Spoken for State {
    const TEXTS: &'static str = "projects-milestone-state";
}

words! {
    /// What can be done with a milestone.
    Action {
        FallDue = "fall_due",
        Submit = "submit",
        Return = "return",
        Approve = "approve",
        Waive = "waive",
        Miss = "miss",
    }
}

impl Spoken for Action {
    const TEXTS: &'static str = "projects-milestone-action";
}

const STAFF: Subjects = SUPERVISES.or(COORDINATES);
const HAND_IN: &[Guard] = &[Guard::InTime, Guard::FileGiven];
const KEEP: &[Effect] = &[Effect::KeepSubmission];

/// Every step of a milestone.
#[rustfmt::skip]
pub static TABLE: &[Row<State, Action>] = &[
    Row::new(State::Planned, Action::FallDue, State::Due, SYSTEM).when(&[Guard::WindowOpen]),
    Row::new(State::Planned, Action::Submit, State::Submitted, OWNER).when(HAND_IN).then(KEEP),
    Row::new(State::Due, Action::Submit, State::Submitted, OWNER).when(HAND_IN).then(KEEP),
    Row::new(State::Returned, Action::Submit, State::Submitted, OWNER).when(&[Guard::FileGiven, Guard::FileNew]).then(KEEP),
    Row::new(State::Submitted, Action::Return, State::Returned, STAFF).when(&[Guard::ReasonGiven]),
    Row::new(State::Submitted, Action::Approve, State::Approved, STAFF),
    Row::new(State::Planned, Action::Waive, State::Waived, STAFF).when(&[Guard::ReasonGiven]),
    Row::new(State::Due, Action::Waive, State::Waived, STAFF).when(&[Guard::ReasonGiven]),
    Row::new(State::Returned, Action::Waive, State::Waived, STAFF).when(&[Guard::ReasonGiven]),
    Row::new(State::Missed, Action::Waive, State::Waived, STAFF).when(&[Guard::ReasonGiven]),
    Row::new(State::Due, Action::Miss, State::Missed, SYSTEM).when(&[Guard::DeadlinePassed]),
];

impl State {
    /// Returns true when nothing about it stands in the way of the final submission.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Approved | Self::Waived)
    }

    /// Returns true while its deadline still counts; such deadlines move with a suspension.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Planned | Self::Due | Self::Returned)
    }
}

/// One item of a template.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub title_en: String,
    #[serde(default)]
    pub title_local: String,
    /// Days from the start of the project to the opening of the window.
    pub opens_days: u16,
    /// Days from the start of the project to the deadline.
    pub due_days: u16,
    pub mandatory: bool,
    /// Kinds of files that are taken for it.
    #[serde(default)]
    pub accepts: Accepted,
}

/// A milestone with its dates, not yet kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub position: u32,
    pub title_en: String,
    pub title_local: String,
    pub opens_at: Timestamp,
    pub due_at: Timestamp,
    pub mandatory: bool,
    pub accepts: Accepted,
}

/// Returns what is wrong with the items of a template.
pub fn faults(items: &[Item]) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if items.is_empty() || items.len() > ITEMS_MAX {
        faults.push(FieldError::new("items", if items.is_empty() { "blank" } else { "too_many_items" }));
    }
    for (index, item) in items.iter().enumerate() {
        faults.extend(items.get(..index).and_then(|earlier| repeated(earlier, item, index)));
        if let Err(refused) = text::line(&item.title_en, topic::TITLE_CHARS_MAX) {
            faults.push(FieldError::new(format!("items.{index}.title_en"), refused.reason()));
        }
        if let Err(refused) = text::prose(&item.title_local, topic::TITLE_CHARS_MAX) {
            faults.push(FieldError::new(format!("items.{index}.title_local"), refused.reason()));
        }
        if item.due_days > DAYS_MAX || item.opens_days > item.due_days {
            faults.push(FieldError::new(format!("items.{index}.due_days"), "range"));
        }
        if item.accepts.is_empty() {
            faults.push(FieldError::new(format!("items.{index}.accepts"), "blank"));
        }
    }
    faults
}

/// Returns that an item has the title of an earlier one: nobody could tell the two apart.
fn repeated(earlier: &[Item], item: &Item, index: usize) -> Option<FieldError> {
    let same =
        |one: &str, other: &str| !one.trim().is_empty() && one.trim().to_lowercase() == other.trim().to_lowercase();
    let field = if earlier.iter().any(|one| same(&one.title_en, &item.title_en)) {
        "title_en"
    } else if earlier.iter().any(|one| same(&one.title_local, &item.title_local)) {
        "title_local"
    } else {
        return None;
    };
    Some(FieldError::new(format!("items.{index}.{field}"), "title_twice"))
}

/// Returns the dated milestones of a project that starts now. None falls after the final deadline.
pub fn plan(items: &[Item], starts_at: Timestamp, final_due_at: Timestamp) -> Vec<Planned> {
    let at = |days: u16| (starts_at + DAY * u32::from(days)).min(final_due_at);
    let dated = items.iter().zip(1..).map(|(item, position)| Planned {
        position,
        title_en: item.title_en.clone(),
        title_local: item.title_local.clone(),
        opens_at: at(item.opens_days),
        due_at: at(item.due_days),
        mandatory: item.mandatory,
        accepts: item.accepts,
    });
    dated.collect()
}

/// Returns the last instant at which work due at `due_at` is taken, and nothing after it.
pub fn taken_until(due_at: Timestamp, late_days: u16) -> Timestamp {
    due_at + DAY * u32::from(late_days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Facts;

    const START: Timestamp = Timestamp::from_micros(0);

    fn item(opens_days: u16, due_days: u16) -> Item {
        let accepts = Accepted::default();
        Item { title_en: "Report".into(), title_local: String::new(), opens_days, due_days, mandatory: true, accepts }
    }

    #[test]
    fn a_plan_is_dated_from_the_start_and_ends_with_the_cycle() {
        let planned = plan(&[item(10, 20), item(20, 90)], START, START + DAY * 60);
        let dates: Vec<_> = planned.iter().map(|one| (one.position, one.opens_at, one.due_at)).collect();
        assert_eq!(dates, [(1, START + DAY * 10, START + DAY * 20), (2, START + DAY * 20, START + DAY * 60)]);
    }

    #[test]
    fn a_settled_milestone_cannot_be_handed_in_again() {
        for state in State::ALL.iter().filter(|state| state.is_settled()) {
            assert!(machine::legal(TABLE, *state, &Facts::all_holding(OWNER.or(STAFF))).is_empty(), "{state}");
        }
    }

    #[test]
    fn a_correction_needs_a_new_file() {
        let facts = Facts::all_holding(OWNER).with(Guard::FileNew, false);
        assert!(machine::apply(TABLE, State::Returned, Action::Submit, &facts).is_err());
        assert!(machine::apply(TABLE, State::Due, Action::Submit, &facts).is_ok());
    }

    #[test]
    fn the_table_has_one_row_per_state_and_action() {
        for (index, row) in TABLE.iter().enumerate() {
            assert!(!TABLE.iter().skip(index + 1).any(|other| (other.from, other.action) == (row.from, row.action)));
        }
    }

    #[test]
    fn items_out_of_range_are_named() {
        assert_eq!(faults(&[item(30, 20)]), [FieldError::new("items.0.due_days", "range")]);
        assert_eq!(faults(&[]), [FieldError::new("items", "blank")]);
        let again = |title_en: &str, title_local: &str| Item {
            title_en: title_en.into(),
            title_local: title_local.into(),
            ..item(3, 4)
        };
        let twice = |field: &str| vec![FieldError::new(field, "title_twice")];
        assert_eq!(faults(&[item(1, 2), again("Draft", ""), again(" report", "")]), twice("items.2.title_en"));
        assert_eq!(faults(&[again("One", "ບົດລາຍງານ"), again("Two", "ບົດລາຍງານ ")]), twice("items.1.title_local"));
        let nothing = Item { accepts: Accepted::of(&[]), ..item(1, 2) };
        assert_eq!(faults(&[nothing]), [FieldError::new("items.0.accepts", "blank")]);
    }
}
