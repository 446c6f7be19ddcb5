//! The state table of a project: every step there is. What is not a row here cannot happen (INV-4).

use access::{SYSTEM, Subjects};
use contracts::roles::{CHAIRS, COORDINATES, OWNER, SUPERVISES};

use super::{Action as A, State as S};
use crate::model::{
    facts::Guard as G,
    machine::{Effect as E, Row},
};

/// Who may take a step back.
pub const REVERT_WHO: Subjects = COORDINATES;

const STAFF: Subjects = SUPERVISES.or(COORDINATES);
const OWNER_OR_COORDINATOR: Subjects = OWNER.or(COORDINATES);
const RUNS: Subjects = COORDINATES.or(SYSTEM);
const REASON: &[G] = &[G::ReasonGiven];
/// Whoever was named and has not confirmed declines for themselves; what the others began is not theirs to end.
const OWN_REASON: &[G] = &[G::WordGiven, G::ReasonGiven];

const fn row(from: S, action: A, to: S, who: Subjects) -> Row<S, A> {
    Row::new(from, action, to, who)
}

/// Every step of a project's life: from, action, to, who, guards, effects.
#[rustfmt::skip]
pub static TABLE: &[Row<S, A>] = &[
    // Agreeing on what will be done.
    row(S::Draft, A::Submit, S::Proposed, OWNER).when(&[G::ProposalsOpen, G::ProposalComplete]).then(&[E::KeepProposal]),
    row(S::Draft, A::Assign, S::Approved, RUNS).when(&[G::TopicHasPlace, G::SupervisorHasPlace]).then(&[E::TakeCapacity]),
    row(S::Proposed, A::RequestChanges, S::ChangesRequested, STAFF).when(&[G::ChangesListed]).reversible(),
    row(S::ChangesRequested, A::Resubmit, S::Proposed, OWNER).when(&[G::ChangesAnswered, G::ProposalComplete]).then(&[E::KeepProposal]),
    row(S::Proposed, A::Endorse, S::Proposed, SUPERVISES).when(&[G::EndorsementWanted]).then(&[E::KeepEndorsement]),
    row(S::Proposed, A::Approve, S::Approved, STAFF).when(&[G::ApproversComplete, G::TopicHasPlace, G::SupervisorHasPlace]).then(&[E::TakeCapacity]).reversible(),
    row(S::Proposed, A::Reject, S::Rejected, STAFF).when(REASON).then(&[E::FreeMembers]).reversible(),

    // Doing it.
    row(S::Approved, A::Start, S::Active, STAFF).when(&[G::CycleOpen, G::MembersConfirmed]).then(&[E::PlanMilestones]),
    row(S::Active, A::Suspend, S::Suspended, COORDINATES).when(REASON).then(&[E::StopClock]),
    row(S::Suspended, A::Resume, S::Active, COORDINATES).then(&[E::ShiftClock]),
    row(S::Active, A::SubmitFinal, S::Submitted, OWNER).when(&[G::InTime, G::DeliverablesComplete, G::FileGiven, G::DeclarationsMade]).then(&[E::KeepSubmission]),
    row(S::Active, A::Lapse, S::Lapsed, SYSTEM).when(&[G::DeadlinePassed, G::LapseByPolicy]),
    row(S::Submitted, A::Reopen, S::Active, COORDINATES).when(REASON),

    // Defending it.
    row(S::Submitted, A::Admit, S::Admitted, COORDINATES).when(&[G::SimilarityCleared, G::CommitteeComplete]).reversible(),
    row(S::Admitted, A::ScheduleDefence, S::DefenceScheduled, RUNS).when(&[G::DefenceWanted, G::SlotGiven]),
    row(S::Admitted, A::SkipDefence, S::Marking, COORDINATES).when(&[G::DefenceSkipped]),
    row(S::DefenceScheduled, A::CancelDefence, S::Admitted, COORDINATES).when(REASON),
    row(S::DefenceScheduled, A::RecordHeld, S::Defended, CHAIRS.or(COORDINATES)).when(&[G::MinutesWritten, G::QuorumMet]),
    row(S::Defended, A::RequireCorrections, S::Corrections, CHAIRS.or(COORDINATES)).when(&[G::CorrectionsDated]).reversible(),
    row(S::Defended, A::BeginMarking, S::Marking, CHAIRS.or(COORDINATES)),
    row(S::Corrections, A::SubmitCorrections, S::CorrectionsReview, OWNER).when(&[G::FileGiven, G::FileNew]).then(&[E::KeepSubmission]),
    row(S::CorrectionsReview, A::AcceptCorrections, S::Marking, CHAIRS.or(COORDINATES)),
    row(S::CorrectionsReview, A::RejectCorrections, S::Corrections, CHAIRS.or(COORDINATES)).when(REASON).reversible(),

    // Judging it.
    row(S::Marking, A::CompleteMarking, S::Marked, RUNS).when(&[G::MarksAgreed]),
    row(S::Marked, A::Moderate, S::Moderated, COORDINATES).reversible(),
    row(S::Moderated, A::Ratify, S::Ratified, COORDINATES),
    row(S::Ratified, A::Release, S::Released, COORDINATES),
    row(S::Released, A::UpholdAppeal, S::Marking, COORDINATES).when(REASON).then(&[E::NewGradeVersion]),

    // Keeping it.
    row(S::Released, A::Archive, S::Archived, RUNS).when(&[G::ConsentSettled]),
    row(S::Archived, A::Anonymise, S::Anonymised, SYSTEM).when(&[G::RetentionExpired]).then(&[E::RemovePersonalData]),

    // Leaving it. Before the approval no place is taken, so none is given back.
    row(S::Draft, A::Withdraw, S::Withdrawn, OWNER_OR_COORDINATOR).when(OWN_REASON).then(&[E::FreeMembers]),
    row(S::Proposed, A::Withdraw, S::Withdrawn, OWNER_OR_COORDINATOR).when(OWN_REASON).then(&[E::FreeMembers]),
    row(S::ChangesRequested, A::Withdraw, S::Withdrawn, OWNER_OR_COORDINATOR).when(OWN_REASON).then(&[E::FreeMembers]),
    row(S::Approved, A::Withdraw, S::Withdrawn, OWNER_OR_COORDINATOR).when(OWN_REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Active, A::Withdraw, S::Withdrawn, OWNER_OR_COORDINATOR).when(OWN_REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Suspended, A::Withdraw, S::Withdrawn, OWNER_OR_COORDINATOR).when(OWN_REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Lapsed, A::Withdraw, S::Withdrawn, OWNER_OR_COORDINATOR).when(OWN_REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Submitted, A::Withdraw, S::Withdrawn, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Admitted, A::Withdraw, S::Withdrawn, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::DefenceScheduled, A::Withdraw, S::Withdrawn, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Defended, A::Withdraw, S::Withdrawn, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Corrections, A::Withdraw, S::Withdrawn, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::CorrectionsReview, A::Withdraw, S::Withdrawn, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Active, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Suspended, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Lapsed, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Submitted, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Admitted, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::DefenceScheduled, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Defended, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Corrections, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::CorrectionsReview, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Marking, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Marked, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),
    row(S::Moderated, A::Fail, S::Failed, COORDINATES).when(REASON).then(&[E::GiveCapacityBack, E::FreeMembers]).reversible(),

    // Trying again: a new project in `draft`, linked to this one, which stays as it is.
    row(S::Withdrawn, A::NewAttempt, S::Draft, OWNER_OR_COORDINATOR).when(&[G::NoFurtherAttempt, G::WordGiven]).then(&[E::ClaimMembers, E::LinkAttempt]),
    row(S::Failed, A::NewAttempt, S::Draft, OWNER_OR_COORDINATOR).when(&[G::NoFurtherAttempt, G::WordGiven]).then(&[E::ClaimMembers, E::LinkAttempt]),
];
