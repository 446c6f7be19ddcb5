//! Approve a proposal: takes one of the supervisor's places and one of the topic's.

use contracts::events::projects::ProposalApproved;
use storage::Tx;

use super::case::{Case, Moved, by_and_when};
use crate::{
    error::Result,
    model::{ids::ProjectId, life::Action},
    policy,
};

#[derive(Debug, Clone)]
pub struct Approve {
    pub project: ProjectId,
    pub version: Option<i64>,
}

/// Approves a proposal, when all who have to agree and places are left. However many try at once, no quota is passed.
pub async fn approve(tx: &mut Tx, command: Approve) -> Result<Moved> {
    let case = Case::load(tx, command.project, &policy::APPROVE).await?;
    case.expect_version(command.version)?;
    let facts = case.facts(tx).await?;
    let moved = case.take(tx, Action::Approve, &facts, "").await?;
    let (by, happened_at) = by_and_when(tx);
    let version = case.project.proposal_version;
    messaging::emit(tx, &ProposalApproved { card: case.card(), by, happened_at, version }).await?;
    Ok(moved)
}
