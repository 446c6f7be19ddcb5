//! Answer the changes asked for, and submit the next version of a proposal.

use contracts::events::projects::ProposalSubmitted;
use storage::Tx;

use super::{
    case::{Case, Moved, by_and_when},
    submit_proposal::{complete, keep_text},
};
use crate::{
    error::{Error, Result, both},
    model::{
        facts::Guard,
        ids::ProjectId,
        life::Action,
        proposal::{self, Answer},
    },
    policy,
    store::proposals,
};

#[derive(Debug, Clone)]
pub struct Resubmit {
    pub project: ProjectId,
    pub version: Option<i64>,
    pub answers: Vec<Answer>,
    pub title_en: String,
    pub title_local: String,
    pub summary: String,
    pub methods: String,
}

/// Submits a proposal again. Every change asked for is ticked or answered, or it stays where it is.
pub async fn resubmit(tx: &mut Tx, command: Resubmit) -> Result<Moved> {
    let case = Case::load(tx, command.project, &policy::SUBMIT_PROPOSAL).await?;
    case.expect_version(command.version)?;
    let Resubmit { title_en, title_local, summary, methods, .. } = &command;
    let text = complete(&case.cycle.policy, title_en, title_local, summary, methods);
    let asked = proposals::changes(tx, case.project.id, case.project.proposal_version).await?;
    let changes = proposal::answered(asked, &command.answers).map_err(Error::from);
    let (text, changes) = both(text, changes)?;
    let open = proposal::open(&changes);
    let facts = case.facts(tx).await?.with(Guard::ChangesAnswered, open.is_empty()).with(Guard::ProposalComplete, true);
    // Where nothing but answers is missing, the form can say which.
    if !open.is_empty() && case.could(Action::Resubmit, &facts) {
        return Err(proposal::unanswered(&open).into());
    }
    let moved = case.take(tx, Action::Resubmit, &facts, "").await?;
    proposals::answer(tx, case.project.id, &changes).await?;
    keep_text(tx, &case, &text).await?;
    let (by, happened_at) = by_and_when(tx);
    let version = case.project.proposal_version + 1;
    messaging::emit(tx, &ProposalSubmitted { card: case.card(), by, happened_at, version }).await?;
    Ok(moved)
}
