//! Who belongs to a project: its members, and those who have a role in it.

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::ids::{ProgrammeId, ProjectId};

record! {
    /// A member, with their name.
    Member {
        person_id: PersonId,
        name: String,
        number: Option<String>,
        confirmed_at: Option<Timestamp>,
    }
}

record! {
    /// Somebody with a role in the project: co-supervisor, chair, examiner, reviewer, external.
    Role {
        person_id: PersonId,
        name: String,
        role: String,
    }
}

statements! {
    /// Lists a project's members.
    LIST: read [project_member, person] = "SELECT m.person_id, COALESCE(p.name, ''), p.number, m.confirmed_at
        FROM project_member m LEFT JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id
        WHERE m.tenant_id = $1 AND m.project_id = $2 ORDER BY 2, m.person_id";
    /// Adds a member.
    INSERT: write [project_member] = "INSERT INTO project_member (tenant_id, project_id, person_id, confirmed_at) VALUES ($1, $2, $3, $4)";
    /// Keeps a member's word.
    CONFIRM: write [project_member] = "UPDATE project_member SET confirmed_at = $4
        WHERE tenant_id = $1 AND project_id = $2 AND person_id = $3 AND confirmed_at IS NULL";
    /// Removes a member who has not confirmed.
    REMOVE: write [project_member] = "DELETE FROM project_member
        WHERE tenant_id = $1 AND project_id = $2 AND person_id = $3 AND confirmed_at IS NULL";
    /// Lists those with a role in the project.
    ROLES: read [project_role, person] = "SELECT r.person_id, COALESCE(p.name, ''), r.role
        FROM project_role r LEFT JOIN person p ON p.tenant_id = r.tenant_id AND p.id = r.person_id
        WHERE r.tenant_id = $1 AND r.project_id = $2 ORDER BY r.role, 2";
    /// Adds a role.
    INSERT_ROLE: write [project_role] = "INSERT INTO project_role (tenant_id, project_id, person_id, role, since_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    /// Lists the programmes of the members: the units in which roles may hold.
    UNITS: read [project_member, student, project] = "SELECT DISTINCT s.programme_id FROM project_member m
        JOIN project j ON j.tenant_id = m.tenant_id AND j.id = m.project_id
        JOIN student s ON s.tenant_id = m.tenant_id AND s.cycle_id = j.cycle_id AND s.person_id = m.person_id
        WHERE m.tenant_id = $1 AND m.project_id = $2";
}

/// Returns a project's members, by name.
pub async fn list(tx: &mut Tx, project: ProjectId) -> Result<Vec<Member>> {
    tx.fetch(&LIST, params![project]).await
}

/// Adds members; those with a time have confirmed.
pub async fn insert(tx: &mut Tx, project: ProjectId, members: &[(PersonId, Option<Timestamp>)]) -> Result<()> {
    let rows: Vec<_> = members.iter().map(|(person, at)| params![project, *person, *at].to_vec()).collect();
    tx.execute_many(&INSERT, &rows).await.map(drop)
}

/// Keeps a member's word; returns false when they gave it before, or are no member.
pub async fn confirm(tx: &mut Tx, project: ProjectId, person: PersonId) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&CONFIRM, params![project, person, now]).await? == 1)
}

/// Removes a member who has not confirmed; returns false when they have, or are no member.
pub async fn remove_unconfirmed(tx: &mut Tx, project: ProjectId, person: PersonId) -> Result<bool> {
    Ok(tx.execute(&REMOVE, params![project, person]).await? == 1)
}

/// Returns those with a role in the project.
pub async fn roles(tx: &mut Tx, project: ProjectId) -> Result<Vec<Role>> {
    tx.fetch(&ROLES, params![project]).await
}

/// Gives a person a role in the project.
pub async fn insert_role(tx: &mut Tx, project: ProjectId, person: PersonId, role: &str) -> Result<()> {
    let now = tx.now();
    tx.execute(&INSERT_ROLE, params![project, person, role, now]).await.map(drop)
}

/// Returns the programmes of the members.
pub async fn units(tx: &mut Tx, project: ProjectId) -> Result<Vec<ProgrammeId>> {
    let rows: Vec<(ProgrammeId,)> = tx.fetch(&UNITS, params![project]).await?;
    Ok(rows.into_iter().map(|(unit,)| unit).collect())
}
