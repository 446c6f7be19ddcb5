//! A topic: what a supervisor offers, for how many projects, in which programmes.

use access::{SYSTEM, Subjects};
use base::{FieldError, text};
use contracts::roles::{COORDINATES, SUPERVISES};

use super::{
    facts::Guard,
    machine::{self, Row},
    words::{Spoken, words},
};

/// A step of a topic refused.
pub type Illegal = machine::Illegal<State, Action>;

/// Most characters of a title.
pub const TITLE_CHARS_MAX: usize = 300;
/// Most characters of a summary.
pub const SUMMARY_CHARS_MAX: usize = 8_000;
/// Most projects that one topic can take.
pub const CAPACITY_MAX: u16 = 50;
/// Most programmes that one topic can be for.
pub const PROGRAMMES_MAX: usize = 50;

words! {
    /// Where a topic is.
    State {
        Draft = "draft",
        InReview = "in_review",
        Open = "open",
        Full = "full",
        Closed = "closed",
        Archived = "archived",
    }
}

impl Spoken for State {
    const TEXTS: &'static str = "projects-topic-state";
}

words! {
    /// What can be done with a topic.
    Action {
        Offer = "offer",
        Return = "return",
        Open = "open",
        Fill = "fill",
        Free = "free",
        Close = "close",
        Archive = "archive",
    }
}

impl Spoken for Action {
    const TEXTS: &'static str = "projects-topic-action";
}

const STAFF: Subjects = SUPERVISES.or(COORDINATES);

/// Every step of a topic.
#[rustfmt::skip]
pub static TABLE: &[Row<State, Action>] = &[
    Row::new(State::Draft, Action::Offer, State::InReview, SUPERVISES),
    // A supervisor opens a topic alone where the cycle's policy wants no review: the action makes the guard hold.
    Row::new(State::Draft, Action::Open, State::Open, STAFF).when(&[Guard::CycleOpen, Guard::ApproversComplete]),
    Row::new(State::InReview, Action::Return, State::Draft, COORDINATES).when(&[Guard::ReasonGiven]),
    Row::new(State::InReview, Action::Open, State::Open, COORDINATES).when(&[Guard::CycleOpen]),
    Row::new(State::Open, Action::Fill, State::Full, SYSTEM).when(&[Guard::Exhausted]),
    Row::new(State::Full, Action::Free, State::Open, SYSTEM).when(&[Guard::TopicHasPlace]),
    Row::new(State::Open, Action::Close, State::Closed, STAFF),
    Row::new(State::Full, Action::Close, State::Closed, STAFF),
    Row::new(State::Closed, Action::Open, State::Open, STAFF).when(&[Guard::CycleOpen, Guard::TopicHasPlace]),
    Row::new(State::Draft, Action::Archive, State::Archived, STAFF),
    Row::new(State::Closed, Action::Archive, State::Archived, STAFF),
];

/// What a topic says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub title_en: String,
    pub title_local: String,
    pub summary: String,
    pub area: String,
}

impl Text {
    /// Checks the parts and names those that are wrong. The local title and the summary may be blank.
    pub fn new(title_en: &str, title_local: &str, summary: &str, area: &str) -> Result<Self, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut check = |field: &str, checked: Result<String, text::Refused>| {
            checked.unwrap_or_else(|refused| {
                faults.push(FieldError::new(field, refused.reason()));
                String::new()
            })
        };
        let text = Self {
            title_en: check("title_en", text::line(title_en, TITLE_CHARS_MAX)),
            title_local: check("title_local", optional_line(title_local)),
            summary: check("summary", text::prose(summary, SUMMARY_CHARS_MAX)),
            area: check("area", optional_line(area)),
        };
        if faults.is_empty() { Ok(text) } else { Err(faults) }
    }
}

/// Returns the text as a line, which here may be blank.
pub fn optional_line(text: &str) -> Result<String, text::Refused> {
    match text::line(text, TITLE_CHARS_MAX) {
        Err(text::Refused::Blank) => Ok(String::new()),
        checked => checked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Facts;

    #[test]
    fn a_topic_opens_after_review_or_without_one_by_policy() {
        let facts = Facts::of(SUPERVISES).with(Guard::CycleOpen, true);
        assert!(machine::apply(TABLE, State::Draft, Action::Open, &facts).is_err());
        let unreviewed = facts.with(Guard::ApproversComplete, true);
        assert_eq!(machine::apply(TABLE, State::Draft, Action::Open, &unreviewed).unwrap().to, State::Open);
        assert!(machine::apply(TABLE, State::InReview, Action::Open, &unreviewed).is_err());
    }

    #[test]
    fn only_the_system_fills_and_frees() {
        for subjects in [SUPERVISES, COORDINATES] {
            let legal = machine::legal(TABLE, State::Open, &Facts::all_holding(subjects));
            assert_eq!(legal, [Action::Close]);
        }
    }

    #[test]
    fn faults_name_their_fields() {
        let faults = Text::new(" ", "", "a\u{7}", "").unwrap_err();
        assert_eq!(faults, [FieldError::new("title_en", "blank"), FieldError::new("summary", "control_character")]);
    }
}
