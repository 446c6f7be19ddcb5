//! Ask for changes to a proposal, item by item.

use contracts::events::projects::ChangesRequested;
use storage::Tx;

use super::case::{Case, Moved, by_and_when, person};
use crate::{
    error::Result,
    model::{facts::Guard, ids::ProjectId, life::Action, proposal},
    policy,
    store::proposals,
};

#[derive(Debug, Clone)]
pub struct RequestChanges {
    pub project: ProjectId,
    pub version: Option<i64>,
    /// What is to change; every item is ticked or answered before the proposal comes back.
    pub requests: Vec<String>,
}

/// Sends a proposal back with a list of changes to make.
pub async fn request_changes(tx: &mut Tx, command: RequestChanges) -> Result<Moved> {
    let case = Case::load(tx, command.project, &policy::REQUEST_CHANGES).await?;
    case.expect_version(command.version)?;
    let items = proposal::requests(&command.requests)?;
    let facts = case.facts(tx).await?.with(Guard::ChangesListed, !items.is_empty());
    let taken = case.take(tx, Action::RequestChanges, &facts, "").await;
    let moved = taken.map_err(|error| error.blaming("requests", Guard::ChangesListed))?;
    let (by, version) = (person(tx)?, case.project.proposal_version);
    proposals::ask(tx, case.project.id, version, &items, by).await?;
    let (by, happened_at) = by_and_when(tx);
    messaging::emit(tx, &ChangesRequested { card: case.card(), by, happened_at, version, items }).await?;
    Ok(moved)
}
