//! Show a milestone with what was handed in for it, and what the caller can do with it.

use storage::Tx;

use super::Case;
use crate::{
    error::{Error, Result},
    model::{
        facts::{Facts, Guard},
        ids::MilestoneId,
        life, machine,
        milestone::{self, Action, TABLE},
    },
    policy,
    store::{
        milestone_history::{self, MilestoneStep},
        milestones::{self, Milestone},
        submissions::{self, Submission},
    },
};

#[derive(Debug, Clone)]
pub struct MilestoneView {
    pub case: Case,
    pub milestone: Milestone,
    /// The first first.
    pub submissions: Vec<Submission>,
    /// The first first.
    pub history: Vec<MilestoneStep>,
    pub legal: Vec<Action>,
}

impl MilestoneView {
    /// Returns the step in which something was last said.
    pub fn said(&self) -> Option<&MilestoneStep> {
        self.history.iter().rev().find(|step| !step.reason.is_empty())
    }
}

/// Returns a milestone, if the caller has a part in its project.
pub async fn show_milestone(tx: &mut Tx, id: MilestoneId) -> Result<MilestoneView> {
    let milestone = milestones::find(tx, id).await?.ok_or(Error::NotFound("milestone"))?;
    let case = Case::load(tx, milestone.project_id, &policy::READ_PROJECT).await?;
    let all = submissions::of_project(tx, case.project.id).await?;
    let until = milestone::taken_until(milestone.due_at, case.cycle.policy.late_days);
    let facts = Facts::of(case.subjects).with(Guard::InTime, tx.now() <= until);
    let active = case.project.state == life::State::Active;
    let legal = if active { machine::legal(TABLE, milestone.state, &facts) } else { Vec::new() };
    let submissions = all.into_iter().filter(|one| one.milestone_id == Some(id)).collect();
    let history = milestone_history::list(tx, id).await?;
    Ok(MilestoneView { case, milestone, submissions, history, legal })
}
