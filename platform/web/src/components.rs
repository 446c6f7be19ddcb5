//! What the components of `ui.html` show.

use base::Timestamp;

/// An option to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}

impl Choice {
    /// Returns the option that shows `label` and sends `value`.
    pub fn new<V: ToString + ?Sized>(value: &V, label: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into() }
    }
}

/// A step of a way that has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is called.
    pub label: String,
    /// Whether it is behind or ahead.
    pub state: StepState,
    /// A date or remark under it.
    pub note: Option<String>,
}

/// Where a step lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Behind.
    Done,
    /// Here.
    Current,
    /// To come.
    Ahead,
}

impl StepState {
    /// Returns its name in the style sheet.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Current => "current",
            Self::Ahead => "ahead",
        }
    }

    /// Returns the Fluent key that says it in words.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Done => "step-done",
            Self::Current => "step-current",
            Self::Ahead => "step-ahead",
        }
    }

    /// Returns true for the step at which things are.
    pub const fn is_current(self) -> bool {
        matches!(self, Self::Current)
    }
}

/// Something that happened, in a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub title: String,
    /// By whom.
    pub actor: Option<String>,
    /// What was said.
    pub text: Option<String>,
    /// Name of an icon.
    pub icon: &'static str,
    /// `neutral`, `info`, `success`, `warning` or `danger`.
    pub tone: &'static str,
}

/// One of several views, as a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// How much is there.
    pub count: Option<u64>,
    /// True for the view shown.
    pub current: bool,
}

/// The ways on from a page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// Back to the first page, on a later one.
    pub first: Option<String>,
    /// On to the next page, if there is one.
    pub next: Option<String>,
}
