//! Approve, return or waive a milestone.

use base::text;
use contracts::events::projects::{MilestoneApproved, MilestoneReturned};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::Tx;

use super::{
    advance_milestone::advance_milestone,
    case::{Case, by_and_when},
    record,
};
use crate::{
    error::{Error, IllegalStep, Result},
    model::{
        facts::{Facts, Guard},
        ids::MilestoneId,
        life,
        machine::{self, Reason},
        milestone::{Action, State, TABLE},
        proposal::REQUEST_CHARS_MAX,
        words::Spoken,
    },
    policy,
    store::{milestones, milestones::Milestone},
};

#[derive(Debug, Clone)]
pub struct ReviewMilestone {
    pub milestone: MilestoneId,
    pub version: Option<i64>,
    /// `approve`, `return` or `waive`.
    pub action: Action,
    pub feedback: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestoneMoved {
    pub milestone: MilestoneId,
    pub state: State,
    pub version: i64,
}

/// Says what becomes of a milestone: approved, returned for more work, or waived. The last two need words.
pub async fn review_milestone(tx: &mut Tx, command: ReviewMilestone) -> Result<MilestoneMoved> {
    let milestone = milestones::find(tx, command.milestone).await?.ok_or(Error::NotFound("milestone"))?;
    let case = Case::load(tx, milestone.project_id, &policy::REVIEW_MILESTONE).await?;
    if command.version.is_some_and(|seen| seen != milestone.version) {
        return Err(Error::Stale { current: milestone.version });
    }
    only_active(tx, &case, command.action.word()).await?;
    let feedback = text::prose(&command.feedback, REQUEST_CHARS_MAX)
        .map_err(|refused| Error::field("feedback", refused.reason()))?;
    let facts = Facts::of(case.subjects).with(Guard::ReasonGiven, !feedback.is_empty());
    let row = machine::apply(TABLE, milestone.state, command.action, &facts)
        .map_err(|illegal| Error::from(illegal).blaming("feedback", Guard::ReasonGiven))?;
    if !advance_milestone(tx, &milestone, row, &feedback).await? {
        return Err(Error::Stale { current: milestone.version + 1 });
    }
    let detail = json!({ "action": row.action, "from": row.from, "to": row.to });
    record::write(tx, &policy::REVIEW_MILESTONE, ("milestone", milestone.id), &detail).await?;
    tell(tx, &case, &milestone, row.to, feedback).await?;
    Ok(MilestoneMoved { milestone: milestone.id, state: row.to, version: milestone.version + 1 })
}

async fn tell(tx: &mut Tx, case: &Case, milestone: &Milestone, to: State, reason: String) -> Result<()> {
    let ((by, happened_at), card) = (by_and_when(tx), case.card());
    let (milestone, milestone_title) = (milestone.id, milestone.title_en.clone());
    match to {
        State::Returned => {
            let event = MilestoneReturned { card, by, happened_at, milestone, milestone_title, reason };
            messaging::emit(tx, &event).await?;
        }
        _ => messaging::emit(tx, &MilestoneApproved { card, by, happened_at, milestone, milestone_title }).await?,
    }
    Ok(())
}

/// Refuses what happens to milestones only while their project is active.
pub(super) async fn only_active(tx: &mut Tx, case: &Case, action: &str) -> Result<()> {
    if case.project.state == life::State::Active {
        return Ok(());
    }
    let facts = case.facts(tx).await?;
    let legal = life::legal_actions(case.standing, &facts);
    Err(Error::Illegal(Box::new(IllegalStep {
        state: case.project.state.to_string(),
        action: action.to_owned(),
        reason: Reason::State,
        legal: legal.iter().map(ToString::to_string).collect(),
        // What is done with a milestone is told as the task that it is.
        texts: [life::State::TEXTS, "projects-task", life::Action::TEXTS],
    })))
}
