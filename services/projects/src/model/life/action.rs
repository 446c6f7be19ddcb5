//! What can be done with a project.

use crate::model::words::{Spoken, words};

words! {
    /// A verb of the project's life.
    Action {
        Submit = "submit",
        RequestChanges = "request_changes",
        Resubmit = "resubmit",
        Endorse = "endorse",
        Approve = "approve",
        Reject = "reject",
        Assign = "assign",
        Start = "start",
        Suspend = "suspend",
        Resume = "resume",
        SubmitFinal = "submit_final",
        Lapse = "lapse",
        Reopen = "reopen",
        Admit = "admit",
        ScheduleDefence = "schedule_defence",
        CancelDefence = "cancel_defence",
        SkipDefence = "skip_defence",
        RecordHeld = "record_held",
        RequireCorrections = "require_corrections",
        BeginMarking = "begin_marking",
        SubmitCorrections = "submit_corrections",
        AcceptCorrections = "accept_corrections",
        RejectCorrections = "reject_corrections",
        CompleteMarking = "complete_marking",
        Moderate = "moderate",
        Ratify = "ratify",
        Release = "release",
        UpholdAppeal = "uphold_appeal",
        Archive = "archive",
        Anonymise = "anonymise",
        Withdraw = "withdraw",
        Fail = "fail",
        NewAttempt = "new_attempt",
        Revert = "revert",
    }
}

impl Spoken for Action {
    const TEXTS: &'static str = "projects-action";
}

impl Action {
    /// Returns true for what interrupts a project's life rather than leading it on; never shown as the next step.
    pub const fn is_exceptional(self) -> bool {
        matches!(
            self,
            Self::Withdraw
                | Self::Fail
                | Self::Suspend
                | Self::Lapse
                | Self::Reopen
                | Self::Revert
                | Self::CancelDefence
                | Self::UpholdAppeal
                | Self::NewAttempt
                | Self::Assign
        )
    }
}
