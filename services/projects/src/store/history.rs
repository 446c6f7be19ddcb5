//! The history of projects. There is no statement here that changes or deletes a row, and there shall be none (INV-4).

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::{
    ids::ProjectId,
    life::{Action, Past, State},
};

record! {
    /// A step taken, with the name of whoever took it.
    Entry {
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
    /// Lists a project's steps in order.
    LIST: read [project_history, person] = "SELECT h.position, h.action, h.from_state, h.to_state, h.actor_id, COALESCE(p.name, ''), h.reason, h.at
        FROM project_history h LEFT JOIN person p ON p.tenant_id = h.tenant_id AND p.id = h.actor_id
        WHERE h.tenant_id = $1 AND h.project_id = $2 ORDER BY h.position LIMIT 1000";
    /// Finds the last step.
    LAST: read [project_history] = "SELECT from_state, action, to_state FROM project_history
        WHERE tenant_id = $1 AND project_id = $2 ORDER BY position DESC LIMIT 1";
    /// Appends a step.
    APPEND: write [project_history] = "INSERT INTO project_history (tenant_id, project_id, position, action, from_state, to_state, actor_id, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// Returns the steps of a project, the first first.
pub async fn list(tx: &mut Tx, project: ProjectId) -> Result<Vec<Entry>> {
    tx.fetch(&LIST, params![project]).await
}

/// Returns the last step of a project.
pub async fn last(tx: &mut Tx, project: ProjectId) -> Result<Option<Past>> {
    let row: Option<(State, Action, State)> = tx.fetch_optional(&LAST, params![project]).await?;
    Ok(row.map(|(from, action, to)| Past { from, action, to }))
}

/// Appends the caller's step.
pub async fn append(tx: &mut Tx, project: ProjectId, position: i64, past: Past, reason: &str) -> Result<()> {
    let (actor, now) = (tx.caller().person_id(), tx.now());
    let Past { from, action, to } = past;
    tx.execute(&APPEND, params![project, position, action, from, to, actor, reason, now]).await.map(drop)
}
