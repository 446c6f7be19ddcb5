//! Projects, and how they advance.

use base::{Page, PageRequest, PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::{
    keyset::{After, key},
    record::record,
    sight::{Sight, project_in_sight},
};
use crate::model::{
    ids::{CycleId, ProgrammeId, ProjectId, TopicId},
    life::State,
};

record! {
    /// A project as kept.
    Project {
        id: ProjectId,
        cycle_id: CycleId,
        number: String,
        topic_id: Option<TopicId>,
        supervisor_id: PersonId,
        title_en: String,
        title_local: String,
        state: State,
        attempt: u16,
        previous_id: Option<ProjectId>,
        proposal_version: u32,
        due_at: Option<Timestamp>,
        suspended_at: Option<Timestamp>,
        version: i64,
        created_at: Timestamp,
        changed_at: Timestamp,
    }
}

record! {
    /// A project in a list.
    ProjectRow {
        id: ProjectId,
        number: String,
        title_en: String,
        title_local: String,
        state: State,
        supervisor_id: PersonId,
        supervisor_name: String,
        due_at: Option<Timestamp>,
        changed_at: Timestamp,
    }
}

/// Which projects are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<State>,
    pub supervisor: Option<PersonId>,
    /// Programme of a member.
    pub programme: Option<ProgrammeId>,
    /// Part of a title or number, in any case.
    pub text: Option<String>,
}

statements! {
    /// Finds one project.
    FIND: read [project] = "SELECT id, cycle_id, number, topic_id, supervisor_id, title_en, title_local, state, attempt, previous_id,
        proposal_version, due_at, suspended_at, version, created_at, changed_at FROM project WHERE tenant_id = $1 AND id = $2";
    /// Finds the attempt made after this one.
    FIND_NEXT: read [project] = "SELECT id FROM project WHERE tenant_id = $1 AND previous_id = $2";
    /// Lists a cycle's projects by number.
    LIST: read [project, person, project_member, project_role, student] = concat!("SELECT j.id, j.number, j.title_en, j.title_local, j.state, j.supervisor_id,
        COALESCE(p.name, ''), j.due_at, j.changed_at
        FROM project j LEFT JOIN person p ON p.tenant_id = j.tenant_id AND p.id = j.supervisor_id
        WHERE j.tenant_id = $1 AND j.cycle_id = $2 AND (j.number, j.id) > ($3, $4)
        AND (j.state = $5 OR $5 IS NULL) AND (j.supervisor_id = $6 OR $6 IS NULL)
        AND (CAST($7 AS TEXT) IS NULL OR LOWER(j.title_en) LIKE $7 OR LOWER(j.title_local) LIKE $7 OR LOWER(j.number) LIKE $7)
        AND (EXISTS (SELECT 1 FROM project_member m JOIN student s ON s.tenant_id = m.tenant_id AND s.person_id = m.person_id
            WHERE m.tenant_id = j.tenant_id AND m.project_id = j.id AND s.cycle_id = j.cycle_id AND s.programme_id = $8) OR $8 IS NULL)
        AND ", project_in_sight!("$9", "$10", "$11"), " ORDER BY j.number, j.id LIMIT $12");
    /// Lists what a supervisor has to see to, by state and number.
    OF_SUPERVISOR: read [project] = "SELECT j.id, j.number, j.title_en, j.title_local, j.state, j.supervisor_id, '', j.due_at, j.changed_at
        FROM project j WHERE j.tenant_id = $1 AND j.supervisor_id = $2 ORDER BY j.state, j.number LIMIT 500";
    /// Lists a person's own projects.
    OF_MEMBER: read [project, project_member, person] = "SELECT j.id, j.number, j.title_en, j.title_local, j.state, j.supervisor_id,
        COALESCE(p.name, ''), j.due_at, j.changed_at
        FROM project_member m JOIN project j ON j.tenant_id = m.tenant_id AND j.id = m.project_id
        LEFT JOIN person p ON p.tenant_id = j.tenant_id AND p.id = j.supervisor_id
        WHERE m.tenant_id = $1 AND m.person_id = $2 ORDER BY j.created_at DESC LIMIT 50";
    /// Lists the active projects whose deadline is over.
    OVERDUE: read [project] = "SELECT id FROM project WHERE tenant_id = $1 AND state = 'active' AND due_at < $2 ORDER BY due_at LIMIT $3";
    /// Adds a project.
    INSERT: write [project] = "INSERT INTO project (tenant_id, id, cycle_id, number, topic_id, supervisor_id, title_en, title_local, state,
        attempt, previous_id, proposal_version, history_count, due_at, suspended_at, version, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, NULL, NULL, 1, $12, $12)";
    /// Moves the version read to another state, and counts the step.
    ADVANCE: write [project] = "UPDATE project SET state = $4, history_count = history_count + 1, version = version + 1, changed_at = $5
        WHERE tenant_id = $1 AND id = $2 AND version = $3 RETURNING history_count";
    /// Sets what the newest proposal says.
    SET_PROPOSAL: write [project] = "UPDATE project SET title_en = $3, title_local = $4, proposal_version = $5
        WHERE tenant_id = $1 AND id = $2";
    /// Sets the final deadline.
    SET_DUE: write [project] = "UPDATE project SET due_at = $3 WHERE tenant_id = $1 AND id = $2";
    /// Says since when the clock stands, or that it runs.
    SET_SUSPENDED: write [project] = "UPDATE project SET suspended_at = $3 WHERE tenant_id = $1 AND id = $2";
    /// Counts a change that is no step.
    TOUCH: write [project] = "UPDATE project SET version = version + 1, changed_at = $3 WHERE tenant_id = $1 AND id = $2";
}

/// Returns a project.
pub async fn find(tx: &mut Tx, id: ProjectId) -> Result<Option<Project>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Returns the attempt made after this one.
pub async fn next_attempt(tx: &mut Tx, id: ProjectId) -> Result<Option<ProjectId>> {
    let row: Option<(ProjectId,)> = tx.fetch_optional(&FIND_NEXT, params![id]).await?;
    Ok(row.map(|(next,)| next))
}

/// Returns a cycle's projects, of those in sight.
pub async fn list(
    tx: &mut Tx,
    cycle: CycleId,
    filter: &Filter,
    sight: &Sight,
    page: &PageRequest,
) -> Result<Page<ProjectRow>> {
    let after = After::of(page);
    let text = filter.text.as_deref().map(super::topics::like);
    let parameters = params![
        cycle,
        &after.sort,
        after.id,
        filter.state,
        filter.supervisor,
        text.as_deref(),
        filter.programme,
        sight.all,
        sight.person,
        &sight.units,
        page.fetch(),
    ];
    let items: Vec<ProjectRow> = tx.fetch(&LIST, parameters).await?;
    Ok(Page::cut(items, page, |project| key(&project.number, project.id)))
}

/// Returns the projects of a supervisor, by state.
pub async fn of_supervisor(tx: &mut Tx, person: PersonId) -> Result<Vec<ProjectRow>> {
    tx.fetch(&OF_SUPERVISOR, params![person]).await
}

/// Returns the projects that a person is or was a member of, the newest first.
pub async fn of_member(tx: &mut Tx, person: PersonId) -> Result<Vec<ProjectRow>> {
    tx.fetch(&OF_MEMBER, params![person]).await
}

/// Returns active projects whose deadline was before `before`, the oldest first, at most `limit`.
pub async fn overdue(tx: &mut Tx, before: Timestamp, limit: u32) -> Result<Vec<ProjectId>> {
    let rows: Vec<(ProjectId,)> = tx.fetch(&OVERDUE, params![before, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Adds a project without history or proposal; its number is unique within its cycle.
pub async fn insert(tx: &mut Tx, project: &Project) -> Result<()> {
    let parameters = params![
        project.id,
        project.cycle_id,
        &project.number,
        project.topic_id,
        project.supervisor_id,
        &project.title_en,
        &project.title_local,
        project.state,
        project.attempt,
        project.previous_id,
        project.created_at,
    ];
    tx.execute(&INSERT, parameters).await.map(drop)
}

/// Moves the project on, unless somebody changed it since `version`. Returns the step's place in the history.
pub async fn advance(tx: &mut Tx, id: ProjectId, version: i64, to: State) -> Result<Option<i64>> {
    let now = tx.now();
    let row: Option<(i64,)> = tx.fetch_optional(&ADVANCE, params![id, version, to, now]).await?;
    Ok(row.map(|(position,)| position))
}

/// Sets the titles and the number of the newest proposal.
pub async fn set_proposal(tx: &mut Tx, id: ProjectId, titles: (&str, &str), version: u32) -> Result<()> {
    tx.execute(&SET_PROPOSAL, params![id, titles.0, titles.1, version]).await.map(drop)
}

/// Sets the final deadline.
pub async fn set_due(tx: &mut Tx, id: ProjectId, due_at: Timestamp) -> Result<()> {
    tx.execute(&SET_DUE, params![id, due_at]).await.map(drop)
}

/// Says since when the clock stands; `None` when it runs.
pub async fn set_suspended(tx: &mut Tx, id: ProjectId, since: Option<Timestamp>) -> Result<()> {
    tx.execute(&SET_SUSPENDED, params![id, since]).await.map(drop)
}

/// Counts a change that is no step, so that whoever read the version before is told.
pub async fn touch(tx: &mut Tx, id: ProjectId) -> Result<()> {
    let now = tx.now();
    tx.execute(&TOUCH, params![id, now]).await.map(drop)
}
