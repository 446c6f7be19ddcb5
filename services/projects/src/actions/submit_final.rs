//! Hand in the final work.

use contracts::events::projects::FinalSubmitted;
use storage::Tx;

use super::{
    case::{Case, by_and_when, person},
    submit_milestone::{HandedIn, Receipt, keep},
};
use crate::{
    error::Result,
    model::{facts::Guard, ids::ProjectId, life::Action, submission, ticket::Ticket},
    policy,
    store::submissions,
};

#[derive(Debug, Clone)]
pub struct SubmitFinal {
    pub project: ProjectId,
    pub version: Option<i64>,
    pub ticket: Ticket,
    /// Names of the declarations made.
    pub declarations: Vec<String>,
}

/// Hands in the final work, with every declaration that the cycle asks for, and returns the receipt.
pub async fn submit_final(tx: &mut Tx, command: SubmitFinal) -> Result<Receipt> {
    let case = Case::load(tx, command.project, &policy::SUBMIT_FINAL).await?;
    case.expect_version(command.version)?;
    submission::check_kind(submission::ACCEPTS, command.ticket.kind)?;
    let undeclared = submission::undeclared(&case.cycle.policy, &command.declarations);
    let facts = case.facts(tx).await?.with(Guard::FileGiven, true).with(Guard::DeclarationsMade, undeclared.is_empty());
    // Where nothing but the declarations is missing, the form can say which.
    if !undeclared.is_empty() && case.could(Action::SubmitFinal, &facts) {
        return Err(undeclared.into());
    }
    case.take(tx, Action::SubmitFinal, &facts, "").await?;
    let earlier = submissions::of_project(tx, case.project.id).await?;
    let version = earlier.iter().filter(|one| one.milestone_id.is_none()).map(|one| one.version).max().unwrap_or(0) + 1;
    let by = person(tx)?;
    let declarations = &command.declarations;
    let handed_in = HandedIn { ticket: &command.ticket, by, version, due_at: case.project.due_at, declarations };
    let receipt = keep(tx, &case, None, handed_in).await?;
    let (by, happened_at) = by_and_when(tx);
    let event = FinalSubmitted {
        card: case.card(),
        by,
        happened_at,
        submission: receipt.submission,
        receipt: receipt.receipt.clone(),
        sha256: receipt.sha256.clone(),
    };
    messaging::emit(tx, &event).await?;
    Ok(receipt)
}
