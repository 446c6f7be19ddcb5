//! Take a step that needs nothing but a reason: start, suspend, resume, withdraw, reopen, revert and the like.

use base::text;
use contracts::events::projects::ProposalRejected;
use storage::Tx;

use super::case::{Case, Moved, by_and_when, person};
use crate::{
    error::{Error, Result},
    model::{
        facts::Guard,
        ids::ProjectId,
        life::{self, Action, State},
        proposal::REQUEST_CHARS_MAX,
    },
    policy,
    store::{cycles, members, projects, projects::Project, proposals},
};

#[derive(Debug, Clone)]
pub struct TakeStep {
    pub project: ProjectId,
    pub version: Option<i64>,
    pub action: Action,
    pub reason: String,
}

/// Takes a step. One that needs more than a reason (a text, a file) is refused here and has a verb of its own.
pub async fn take_step(tx: &mut Tx, command: TakeStep) -> Result<Moved> {
    let action = policy::of_step(command.action).ok_or_else(|| Error::field("action", "own_request"))?;
    let case = Case::load(tx, command.project, &action).await?;
    case.expect_version(command.version)?;
    let reason =
        text::prose(&command.reason, REQUEST_CHARS_MAX).map_err(|refused| Error::field("reason", refused.reason()))?;
    let facts = case.facts(tx).await?.with(Guard::ReasonGiven, !reason.is_empty());
    if command.action == Action::NewAttempt {
        return new_attempt(tx, &case, &facts).await;
    }
    let taken = case.take(tx, command.action, &facts, &reason).await;
    let moved = taken.map_err(|error| error.blaming("reason", Guard::ReasonGiven))?;
    match command.action {
        Action::Endorse => {
            let by = person(tx)?;
            proposals::endorse(tx, case.project.id, case.project.proposal_version, by).await?;
        }
        Action::Reject => {
            let (by, happened_at) = by_and_when(tx);
            let version = case.project.proposal_version;
            messaging::emit(tx, &ProposalRejected { card: case.card(), by, happened_at, version, reason }).await?;
        }
        _ => {}
    }
    Ok(moved)
}

/// Makes a new project from one that ended. The old one keeps its state and its history; the new one is linked to it.
async fn new_attempt(tx: &mut Tx, case: &Case, facts: &crate::model::facts::Facts) -> Result<Moved> {
    let step = life::apply(case.standing, Action::NewAttempt, facts)?;
    let now = tx.now();
    let project = Project {
        id: tx.id(),
        number: cycles::next_number(tx, case.cycle.id).await?,
        state: State::Draft,
        attempt: step.attempt,
        previous_id: Some(case.project.id),
        proposal_version: 0,
        due_at: None,
        suspended_at: None,
        version: 1,
        created_at: now,
        changed_at: now,
        ..case.project.clone()
    };
    // The index on `previous_id` lets one of two further attempts through.
    projects::insert(tx, &project).await?;
    // Who never gave their word has not given it for a further attempt either.
    let members: Vec<_> =
        case.members.iter().map(|member| (member.person_id, member.confirmed_at.and(Some(now)))).collect();
    members::insert(tx, project.id, &members).await?;
    case.claim_members(tx, project.id).await?;
    Case { project, ..case.clone() }.trace(tx, &step, "").await
}
