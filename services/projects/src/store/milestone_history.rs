//! The history of milestones. There is no statement here that changes or deletes a row, and there shall be none.

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::{milestones::Milestone, record::record};
use crate::model::{
    ids::{MilestoneId, ProjectId},
    milestone::{Action, State},
};

record! {
    /// A step taken, with its milestone and the name of whoever took it.
    MilestoneStep {
        milestone_id: MilestoneId,
        title_en: String,
        title_local: String,
        position: i64,
        action: Action,
        from: State,
        to: State,
        actor_id: Option<PersonId>,
        actor_name: String,
        reason: String,
        at: Timestamp,
    }
}

statements! {
    /// Lists a milestone's newest steps.
    LIST: read [milestone_history, milestone, person] = "SELECT h.milestone_id, m.title_en, m.title_local, h.position, h.action, h.from_state, h.to_state,
        h.actor_id, COALESCE(p.name, ''), h.reason, h.at
        FROM milestone_history h JOIN milestone m ON m.tenant_id = h.tenant_id AND m.id = h.milestone_id
        LEFT JOIN person p ON p.tenant_id = h.tenant_id AND p.id = h.actor_id
        WHERE h.tenant_id = $1 AND h.milestone_id = $2 ORDER BY h.position DESC LIMIT 200";
    /// Lists the newest steps of all milestones of a project.
    OF_PROJECT: read [milestone_history, milestone, person] = "SELECT h.milestone_id, m.title_en, m.title_local, h.position, h.action, h.from_state, h.to_state,
        h.actor_id, COALESCE(p.name, ''), h.reason, h.at
        FROM milestone_history h JOIN milestone m ON m.tenant_id = h.tenant_id AND m.id = h.milestone_id
        LEFT JOIN person p ON p.tenant_id = h.tenant_id AND p.id = h.actor_id
        WHERE h.tenant_id = $1 AND h.project_id = $2 ORDER BY h.at DESC, m.position DESC, h.position DESC LIMIT 1000";
    /// Appends a step.
    APPEND: write [milestone_history] = "INSERT INTO milestone_history (tenant_id, milestone_id, position, project_id, action, from_state, to_state, actor_id, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
}

/// Returns the newest steps of a milestone, the first of them first.
pub async fn list(tx: &mut Tx, milestone: MilestoneId) -> Result<Vec<MilestoneStep>> {
    let mut steps: Vec<MilestoneStep> = tx.fetch(&LIST, params![milestone]).await?;
    steps.reverse();
    Ok(steps)
}

/// Returns the newest steps of all milestones of a project, the first of them first.
pub async fn of_project(tx: &mut Tx, project: ProjectId) -> Result<Vec<MilestoneStep>> {
    let mut steps: Vec<MilestoneStep> = tx.fetch(&OF_PROJECT, params![project]).await?;
    steps.reverse();
    Ok(steps)
}

/// Appends the caller's step, which gave the milestone the version `position`.
pub async fn append(
    tx: &mut Tx,
    milestone: &Milestone,
    position: i64,
    (from, action, to): (State, Action, State),
    reason: &str,
) -> Result<()> {
    let (actor, now) = (tx.caller().person_id(), tx.now());
    let row = params![milestone.id, position, milestone.project_id, action, from, to, actor, reason, now];
    tx.execute(&APPEND, row).await.map(drop)
}
