//! A proposal and the changes asked for: a list in which every item is ticked or answered before it comes back.

use base::{FieldError, Timestamp, text};

use super::{cycle::Policy, topic};

/// Most characters of a summary, and of the methods.
pub const SUMMARY_CHARS_MAX: u32 = 8_000;
/// Most characters of one change request, and of its answer.
pub const REQUEST_CHARS_MAX: usize = 2_000;
/// Most changes that can be asked for at once.
pub const REQUESTS_MAX: usize = 50;
/// Most versions of one proposal.
pub const VERSIONS_MAX: u32 = 50;

/// What a proposal says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub title_en: String,
    pub title_local: String,
    pub summary: String,
    pub methods: String,
}

/// One change asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRequest {
    /// Its number among all that were ever asked for in the project.
    pub position: u32,
    /// The version of the proposal that it is about.
    pub version: u32,
    pub request: String,
    pub done: bool,
    pub answer: String,
    pub asked_at: Timestamp,
}

impl ChangeRequest {
    /// Returns true while it is neither ticked nor answered.
    pub const fn is_open(&self) -> bool {
        !self.done && self.answer.is_empty()
    }
}

/// What a member says to one change asked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    pub position: u32,
    #[serde(default)]
    pub done: bool,
    #[serde(default)]
    pub answer: String,
}

impl Text {
    /// Checks what was typed; completeness is another matter, see [`Text::missing`].
    pub fn new(title_en: &str, title_local: &str, summary: &str, methods: &str) -> Result<Self, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut check = |field: &str, checked: Result<String, text::Refused>| {
            checked.unwrap_or_else(|refused| {
                faults.push(FieldError::new(field, refused.reason()));
                String::new()
            })
        };
        let text = Self {
            title_en: check("title_en", text::line(title_en, topic::TITLE_CHARS_MAX)),
            title_local: check("title_local", topic::optional_line(title_local)),
            summary: check("summary", text::prose(summary, SUMMARY_CHARS_MAX as usize)),
            methods: check("methods", text::prose(methods, SUMMARY_CHARS_MAX as usize)),
        };
        if faults.is_empty() { Ok(text) } else { Err(faults) }
    }

    /// Returns what the policy asks for and the proposal lacks.
    pub fn missing(&self, policy: &Policy) -> Vec<FieldError> {
        missing(policy, &self.summary, &self.methods)
    }
}

/// Returns what the policy asks for and this lacks, whatever else is wrong with it.
pub fn missing(policy: &Policy, summary: &str, methods: &str) -> Vec<FieldError> {
    let (summary, methods) = (summary.trim(), methods.trim());
    let mut missing = Vec::new();
    if summary.chars().count() < policy.summary_chars_min as usize {
        missing.push(FieldError::new("summary", if summary.is_empty() { "blank" } else { "too_short" }));
    }
    if policy.methods_wanted && methods.is_empty() {
        missing.push(FieldError::new("methods", "blank"));
    }
    missing
}

/// Checks the changes that a reviewer asks for.
pub fn requests(typed: &[String]) -> Result<Vec<String>, Vec<FieldError>> {
    if typed.len() > REQUESTS_MAX {
        return Err(vec![FieldError::new("requests", "too_many_items")]);
    }
    let lines = typed.iter().filter(|line| !line.trim().is_empty());
    let checked: Result<Vec<_>, _> = lines.map(|line| text::prose(line, REQUEST_CHARS_MAX)).collect();
    checked.map_err(|refused| vec![FieldError::new("requests", refused.reason())])
}

/// Returns the changes with these answers to them; answers to changes that nobody asked for are refused.
pub fn answered(mut asked: Vec<ChangeRequest>, answers: &[Answer]) -> Result<Vec<ChangeRequest>, Vec<FieldError>> {
    for answer in answers {
        let field = || format!("answers.{}", answer.position);
        let Some(change) = asked.iter_mut().find(|change| change.position == answer.position) else {
            return Err(vec![FieldError::new(field(), "unknown")]);
        };
        change.done = answer.done;
        change.answer = text::prose(&answer.answer, REQUEST_CHARS_MAX)
            .map_err(|refused| vec![FieldError::new(field(), refused.reason())])?;
    }
    Ok(asked)
}

/// Returns the positions of the changes that are neither ticked nor answered.
pub fn open(asked: &[ChangeRequest]) -> Vec<u32> {
    asked.iter().filter(|change| change.is_open()).map(|change| change.position).collect()
}

/// Returns what is wrong with the answers to these positions: there are none.
pub fn unanswered(open: &[u32]) -> Vec<FieldError> {
    open.iter().map(|position| FieldError::new(format!("answers.{position}"), "unanswered")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Vec<ChangeRequest> {
        let change = |position| ChangeRequest {
            position,
            version: 1,
            request: "Say why".into(),
            done: false,
            answer: String::new(),
            asked_at: Timestamp::EPOCH,
        };
        vec![change(1), change(2)]
    }

    fn answer(position: u32, done: bool, answer: &str) -> Answer {
        Answer { position, done, answer: answer.into() }
    }

    #[test]
    fn an_item_is_closed_by_a_tick_or_by_an_answer() {
        assert_eq!(open(&asked()), [1, 2]);
        let ticked = answered(asked(), &[answer(1, true, "")]).unwrap();
        assert_eq!(open(&ticked), [2]);
        assert!(open(&answered(ticked, &[answer(2, false, "Not in scope")]).unwrap()).is_empty());
    }

    #[test]
    fn blank_space_is_no_answer_and_a_stranger_item_is_refused() {
        assert_eq!(open(&answered(asked(), &[answer(2, false, "  ")]).unwrap()), [1, 2]);
        assert_eq!(answered(asked(), &[answer(9, true, "")]).unwrap_err(), [FieldError::new("answers.9", "unknown")]);
    }

    #[test]
    fn a_policy_says_what_is_missing() {
        let policy = Policy { methods_wanted: true, summary_chars_min: 10, ..Policy::default() };
        let text = Text::new("Rice", "", "short", "").unwrap();
        assert_eq!(
            text.missing(&policy),
            [FieldError::new("summary", "too_short"), FieldError::new("methods", "blank")]
        );
    }

    #[test]
    fn blank_requests_are_left_out() {
        assert_eq!(requests(&["  ".into(), " Say why ".into()]).unwrap(), ["Say why"]);
    }
}
