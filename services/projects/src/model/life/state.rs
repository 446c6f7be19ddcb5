//! The states of a project.

use crate::model::words::{Spoken, words};

words! {
    /// Where a project is in its life.
    State {
        Draft = "draft",
        Proposed = "proposed",
        ChangesRequested = "changes_requested",
        Approved = "approved",
        Rejected = "rejected",
        Active = "active",
        Suspended = "suspended",
        Lapsed = "lapsed",
        Submitted = "submitted",
        Admitted = "admitted",
        DefenceScheduled = "defence_scheduled",
        Defended = "defended",
        Corrections = "corrections",
        CorrectionsReview = "corrections_review",
        Marking = "marking",
        Marked = "marked",
        Moderated = "moderated",
        Ratified = "ratified",
        Released = "released",
        Archived = "archived",
        Anonymised = "anonymised",
        Withdrawn = "withdrawn",
        Failed = "failed",
    }
}

impl Spoken for State {
    const TEXTS: &'static str = "projects-project-state";
}

impl State {
    /// Returns true while the project's text is being agreed on: nothing of it counts against a quota yet.
    pub const fn is_before_approval(self) -> bool {
        matches!(self, Self::Draft | Self::Proposed | Self::ChangesRequested)
    }

    /// Returns true when nobody has to do anything more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Rejected | Self::Withdrawn | Self::Failed | Self::Archived | Self::Anonymised)
    }
}
