//! Milestones of projects.

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::{
    accepted::Accepted,
    ids::{MilestoneId, ProjectId},
    milestone::{Planned, State},
};

record! {
    /// A milestone as kept.
    Milestone {
        id: MilestoneId,
        project_id: ProjectId,
        position: u32,
        title_en: String,
        title_local: String,
        state: State,
        opens_at: Timestamp,
        due_at: Timestamp,
        mandatory: bool,
        accepts: Accepted,
        feedback: String,
        version: i64,
    }
}

record! {
    /// A milestone in a queue or among tasks, with its project.
    MilestoneRow {
        id: MilestoneId,
        project_id: ProjectId,
        project_number: String,
        project_title: String,
        project_title_local: String,
        title_en: String,
        title_local: String,
        state: State,
        due_at: Timestamp,
        changed_at: Timestamp,
    }
}

statements! {
    /// Finds one milestone.
    FIND: read [milestone] = "SELECT id, project_id, position, title_en, title_local, state, opens_at, due_at, mandatory, accepts, feedback, version
        FROM milestone WHERE tenant_id = $1 AND id = $2";
    /// Lists a project's milestones in order.
    OF_PROJECT: read [milestone] = "SELECT id, project_id, position, title_en, title_local, state, opens_at, due_at, mandatory, accepts, feedback, version
        FROM milestone WHERE tenant_id = $1 AND project_id = $2 ORDER BY position";
    /// Lists the milestones that wait for a supervisor.
    FOR_SUPERVISOR: read [milestone, project] = "SELECT m.id, j.id, j.number, j.title_en, j.title_local, m.title_en, m.title_local, m.state, m.due_at, m.changed_at
        FROM project j JOIN milestone m ON m.tenant_id = j.tenant_id AND m.project_id = j.id
        WHERE j.tenant_id = $1 AND j.supervisor_id = $2 AND j.state = 'active' AND m.state = 'submitted' ORDER BY m.changed_at, m.id LIMIT 500";
    /// Lists the milestones that wait for a member.
    FOR_MEMBER: read [milestone, project, project_member] = "SELECT m.id, j.id, j.number, j.title_en, j.title_local, m.title_en, m.title_local, m.state, m.due_at, m.changed_at
        FROM project_member b JOIN project j ON j.tenant_id = b.tenant_id AND j.id = b.project_id
        JOIN milestone m ON m.tenant_id = j.tenant_id AND m.project_id = j.id
        WHERE b.tenant_id = $1 AND b.person_id = $2 AND j.state = 'active' AND m.state IN ('due', 'returned') ORDER BY m.due_at, m.id LIMIT 200";
    /// Lists planned milestones whose window has begun.
    OPENING: read [milestone] = "SELECT id FROM milestone WHERE tenant_id = $1 AND state = 'planned' AND opens_at <= $2 ORDER BY opens_at LIMIT $3";
    /// Lists due milestones of running projects whose deadline is over, with the cycle's policy.
    OVERDUE: read [milestone, project] = "SELECT m.id, m.due_at, j.cycle_id FROM milestone m
        JOIN project j ON j.tenant_id = m.tenant_id AND j.id = m.project_id
        WHERE m.tenant_id = $1 AND m.state = 'due' AND m.due_at < $2 AND j.state = 'active' ORDER BY m.due_at LIMIT $3";
    /// Adds a milestone.
    INSERT: write [milestone] = "INSERT INTO milestone (tenant_id, id, project_id, position, title_en, title_local, state, opens_at, due_at,
        mandatory, feedback, version, changed_at, accepts) VALUES ($1, $2, $3, $4, $5, $6, 'planned', $7, $8, $9, '', 1, $10, $11)";
    /// Changes the state of the version read.
    SET_STATE: write [milestone] = "UPDATE milestone SET state = $4, feedback = $5, version = version + 1, changed_at = $6
        WHERE tenant_id = $1 AND id = $2 AND version = $3";
    /// Moves the deadlines that still count.
    SHIFT: write [milestone] = "UPDATE milestone SET opens_at = opens_at + $3, due_at = due_at + $3, version = version + 1
        WHERE tenant_id = $1 AND project_id = $2 AND state IN ('planned', 'due', 'returned')";
}

/// Returns a milestone.
pub async fn find(tx: &mut Tx, id: MilestoneId) -> Result<Option<Milestone>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Returns a project's milestones, in order.
pub async fn of_project(tx: &mut Tx, project: ProjectId) -> Result<Vec<Milestone>> {
    tx.fetch(&OF_PROJECT, params![project]).await
}

/// Returns the milestones that wait for this supervisor, the longest waiting first.
pub async fn for_supervisor(tx: &mut Tx, person: PersonId) -> Result<Vec<MilestoneRow>> {
    tx.fetch(&FOR_SUPERVISOR, params![person]).await
}

/// Returns the milestones that wait for this member, the next due first.
pub async fn for_member(tx: &mut Tx, person: PersonId) -> Result<Vec<MilestoneRow>> {
    tx.fetch(&FOR_MEMBER, params![person]).await
}

/// Returns planned milestones whose window began by `now`, at most `limit`.
pub async fn opening(tx: &mut Tx, now: Timestamp, limit: u32) -> Result<Vec<MilestoneId>> {
    let rows: Vec<(MilestoneId,)> = tx.fetch(&OPENING, params![now, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Returns due milestones of running projects whose deadline was before `now`: id, deadline, cycle; at most `limit`.
pub async fn overdue(
    tx: &mut Tx,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(MilestoneId, Timestamp, crate::model::ids::CycleId)>> {
    tx.fetch(&OVERDUE, params![now, limit]).await
}

/// Adds a project's milestones, planned.
pub async fn insert(tx: &mut Tx, project: ProjectId, planned: &[Planned]) -> Result<()> {
    let now = tx.now();
    let words: Vec<String> = planned.iter().map(|one| one.accepts.words()).collect();
    let rows: Vec<_> = planned
        .iter()
        .zip(&words)
        .map(|(one, accepts)| {
            let Planned { position, title_en, title_local, opens_at, due_at, mandatory, .. } = one;
            let id: MilestoneId = tx.id();
            params![id, project, *position, title_en, title_local, *opens_at, *due_at, *mandatory, now, accepts]
                .to_vec()
        })
        .collect();
    tx.execute_many(&INSERT, &rows).await.map(drop)
}

/// Changes state and feedback; returns false when the version is no longer this one.
pub async fn set_state(tx: &mut Tx, id: MilestoneId, version: i64, state: State, feedback: &str) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&SET_STATE, params![id, version, state, feedback, now]).await? == 1)
}

/// Moves the deadlines of a project that still count by `micros`.
pub async fn shift(tx: &mut Tx, project: ProjectId, micros: i64) -> Result<()> {
    tx.execute(&SHIFT, params![project, micros]).await.map(drop)
}
