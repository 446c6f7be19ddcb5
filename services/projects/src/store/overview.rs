//! A cycle in figures.

use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::{ids::CycleId, life, topic};

record! {
    /// How many projects are in a state, and since when the longest there.
    StateCount {
        state: life::State,
        projects: i64,
        oldest_change_at: base::Timestamp,
    }
}

record! {
    /// A supervisor for whom projects or milestones wait.
    Bottleneck {
        supervisor_id: base::PersonId,
        name: String,
        proposals: i64,
        milestones: i64,
    }
}

record! {
    /// Students of a cycle, and how many of them have a project.
    Students {
        enrolled: i64,
        placed: i64,
    }
}

statements! {
    /// Counts a cycle's projects by state.
    BY_STATE: read [project] = "SELECT state, COUNT(*), MIN(changed_at) FROM project WHERE tenant_id = $1 AND cycle_id = $2 GROUP BY state";
    /// Counts a cycle's topics by state.
    TOPICS: read [topic] = "SELECT state, COUNT(*) FROM topic WHERE tenant_id = $1 AND cycle_id = $2 GROUP BY state";
    /// Counts a cycle's students.
    STUDENTS: read [student] = "SELECT COUNT(*), COUNT(project_id) FROM student WHERE tenant_id = $1 AND cycle_id = $2";
    /// Lists the supervisors for whom most waits.
    BOTTLENECKS: read [project, milestone, person] = "SELECT j.supervisor_id, COALESCE(MIN(p.name), ''),
        COUNT(DISTINCT CASE WHEN j.state = 'proposed' THEN j.id END), COUNT(m.id)
        FROM project j
        LEFT JOIN milestone m ON m.tenant_id = j.tenant_id AND m.project_id = j.id AND m.state = 'submitted'
        LEFT JOIN person p ON p.tenant_id = j.tenant_id AND p.id = j.supervisor_id
        WHERE j.tenant_id = $1 AND j.cycle_id = $2 AND j.state IN ('proposed', 'active')
        GROUP BY j.supervisor_id
        HAVING COUNT(DISTINCT CASE WHEN j.state = 'proposed' THEN j.id END) + COUNT(m.id) > 0
        ORDER BY COUNT(DISTINCT CASE WHEN j.state = 'proposed' THEN j.id END) + COUNT(m.id) DESC, j.supervisor_id LIMIT 10";
    /// Counts milestones of a cycle whose deadline is over.
    OVERDUE: read [milestone, project] = "SELECT COUNT(*) FROM project j
        JOIN milestone m ON m.tenant_id = j.tenant_id AND m.project_id = j.id
        WHERE j.tenant_id = $1 AND j.cycle_id = $2 AND j.state = 'active' AND m.state IN ('due', 'returned', 'missed') AND m.due_at < $3";
}

/// Returns how many projects are in each state; states without any are left out.
pub async fn by_state(tx: &mut Tx, cycle: CycleId) -> Result<Vec<StateCount>> {
    tx.fetch(&BY_STATE, params![cycle]).await
}

/// Returns how many topics are in each state.
pub async fn topics(tx: &mut Tx, cycle: CycleId) -> Result<Vec<(topic::State, i64)>> {
    tx.fetch(&TOPICS, params![cycle]).await
}

/// Returns how many students there are, and how many have a project.
pub async fn students(tx: &mut Tx, cycle: CycleId) -> Result<Students> {
    tx.fetch_one(&STUDENTS, params![cycle]).await
}

/// Returns the supervisors for whom most waits, the worst first.
pub async fn bottlenecks(tx: &mut Tx, cycle: CycleId) -> Result<Vec<Bottleneck>> {
    tx.fetch(&BOTTLENECKS, params![cycle]).await
}

/// Returns how many milestones of running projects are past their deadline.
pub async fn overdue(tx: &mut Tx, cycle: CycleId) -> Result<i64> {
    let now = tx.now();
    let (count,): (i64,) = tx.fetch_one(&OVERDUE, params![cycle, now]).await?;
    Ok(count)
}
