//! Hand in a file for a milestone.

use base::{PersonId, Timestamp};
use contracts::events::{files::FileClaimed, projects::MilestoneSubmitted};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::Tx;

use super::{
    advance_milestone::advance_milestone,
    case::{Case, by_and_when, person},
    record,
    review_milestone::only_active,
};
use crate::{
    error::{Error, Result},
    model::{
        facts::{Facts, Guard},
        ids::{MilestoneId, SubmissionId},
        machine,
        milestone::{self, Action, TABLE},
        submission,
        ticket::Ticket,
    },
    policy,
    store::{
        milestones,
        submissions::{self, Submission},
    },
};

#[derive(Debug, Clone)]
pub struct SubmitMilestone {
    pub milestone: MilestoneId,
    pub version: Option<i64>,
    pub ticket: Ticket,
}

/// What the person who handed in keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub submission: SubmissionId,
    pub receipt: String,
    pub version: u32,
    pub file_name: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub late: bool,
    pub submitted_at: Timestamp,
}

/// Hands in a file for a milestone and returns the receipt.
pub async fn submit_milestone(tx: &mut Tx, command: SubmitMilestone) -> Result<Receipt> {
    let milestone = milestones::find(tx, command.milestone).await?.ok_or(Error::NotFound("milestone"))?;
    let case = Case::load(tx, milestone.project_id, &policy::SUBMIT_MILESTONE).await?;
    if command.version.is_some_and(|seen| seen != milestone.version) {
        return Err(Error::Stale { current: milestone.version });
    }
    only_active(tx, &case, "submit_milestone").await?;
    submission::check_kind(milestone.accepts, command.ticket.kind)?;
    let earlier = submissions::of_project(tx, case.project.id).await?;
    let earlier: Vec<_> = earlier.iter().filter(|one| one.milestone_id == Some(milestone.id)).collect();
    let new = earlier.iter().all(|one| one.sha256 != command.ticket.sha256);
    let until = milestone::taken_until(milestone.due_at, case.cycle.policy.late_days);
    let facts = Facts::of(case.subjects)
        .with(Guard::InTime, tx.now() <= until)
        .with(Guard::FileGiven, true)
        .with(Guard::FileNew, new);
    let row = machine::apply(TABLE, milestone.state, Action::Submit, &facts)?;
    if !advance_milestone(tx, &milestone, row, "").await? {
        return Err(Error::Stale { current: milestone.version + 1 });
    }
    let by = person(tx)?;
    let version = earlier.iter().map(|one| one.version).max().unwrap_or(0) + 1;
    let handed_in =
        HandedIn { ticket: &command.ticket, by, version, due_at: Some(milestone.due_at), declarations: &[] };
    let receipt = keep(tx, &case, Some(milestone.id), handed_in).await?;
    let detail = json!({ "version": version, "submission": receipt.submission, "late": receipt.late });
    record::write(tx, &policy::SUBMIT_MILESTONE, ("milestone", milestone.id), &detail).await?;
    let (by, happened_at) = by_and_when(tx);
    let event = MilestoneSubmitted {
        card: case.card(),
        by,
        happened_at,
        milestone: milestone.id,
        milestone_title: milestone.title_en,
        submission: receipt.submission,
        version,
    };
    messaging::emit(tx, &event).await?;
    Ok(receipt)
}

/// A file as it is handed in.
pub(super) struct HandedIn<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) by: PersonId,
    pub(super) version: u32,
    pub(super) due_at: Option<Timestamp>,
    pub(super) declarations: &'a [String],
}

/// Keeps a file handed in for a milestone, or as the final work, tells so, and makes its receipt.
pub(super) async fn keep(
    tx: &mut Tx,
    case: &Case,
    milestone_id: Option<MilestoneId>,
    handed_in: HandedIn<'_>,
) -> Result<Receipt> {
    let HandedIn { ticket, by, version, due_at, declarations } = handed_in;
    let now = tx.now();
    let submission = Submission {
        id: tx.id(),
        project_id: case.project.id,
        milestone_id,
        version,
        file_id: ticket.file,
        file_name: ticket.name.clone(),
        size_bytes: ticket.size_bytes,
        sha256: ticket.sha256.to_vec(),
        receipt: submission::receipt(tx.ambient().bytes()),
        declarations: json!(declarations).to_string(),
        late: submission::is_late(due_at, now),
        submitted_by: by,
        submitted_by_name: String::new(),
        submitted_at: now,
    };
    submissions::insert(tx, &submission).await?;
    let claimed = FileClaimed { file: ticket.file, submission: submission.id, claimed_at: now };
    messaging::emit(tx, &claimed).await?;
    Ok(receipt_of(&submission))
}

/// Returns the receipt of a submission.
pub fn receipt_of(submission: &Submission) -> Receipt {
    Receipt {
        submission: submission.id,
        receipt: submission.receipt.clone(),
        version: submission.version,
        file_name: submission.file_name.clone(),
        sha256: crypto::digest::hex(&submission.sha256),
        late: submission.late,
        submitted_at: submission.submitted_at,
    }
}
