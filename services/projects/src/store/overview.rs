//! A cycle in figures, each of what is in sight: as many as the lists show.

use storage::{Result, Tx, params, statements};

use super::{
    record::record,
    sight::{Sight, project_in_sight, topic_in_sight, units},
};
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
    BY_STATE: read [project, project_member, project_role, student] = concat!("SELECT j.state, COUNT(*), MIN(j.changed_at) FROM project j
        WHERE j.tenant_id = $1 AND j.cycle_id = $2 AND ", project_in_sight!("$3", "$4", "$5"), " GROUP BY j.state");
    /// Counts a cycle's topics by state.
    TOPICS: read [topic, topic_programme] = concat!("SELECT t.state, COUNT(*) FROM topic t
        WHERE t.tenant_id = $1 AND t.cycle_id = $2 AND ", topic_in_sight!("$3", "$4", "$5"), " GROUP BY t.state");
    /// Counts a cycle's students.
    STUDENTS: read [student] = concat!("SELECT COUNT(*), COUNT(project_id) FROM student
        WHERE tenant_id = $1 AND cycle_id = $2 AND ($3 OR programme_id IN ", units!("$4"), ")");
    /// Lists the supervisors for whom most waits.
    BOTTLENECKS: read [project, project_member, project_role, student, milestone, person] = concat!("SELECT j.supervisor_id, COALESCE(MIN(p.name), ''),
        COUNT(DISTINCT CASE WHEN j.state = 'proposed' THEN j.id END), COUNT(m.id)
        FROM project j
        LEFT JOIN milestone m ON m.tenant_id = j.tenant_id AND m.project_id = j.id AND m.state = 'submitted'
        LEFT JOIN person p ON p.tenant_id = j.tenant_id AND p.id = j.supervisor_id
        WHERE j.tenant_id = $1 AND j.cycle_id = $2 AND j.state IN ('proposed', 'active') AND ", project_in_sight!("$3", "$4", "$5"), "
        GROUP BY j.supervisor_id
        HAVING COUNT(DISTINCT CASE WHEN j.state = 'proposed' THEN j.id END) + COUNT(m.id) > 0
        ORDER BY COUNT(DISTINCT CASE WHEN j.state = 'proposed' THEN j.id END) + COUNT(m.id) DESC, j.supervisor_id LIMIT 10");
    /// Counts milestones of a cycle whose deadline is over.
    OVERDUE: read [milestone, project, project_member, project_role, student] = concat!("SELECT COUNT(*) FROM project j
        JOIN milestone m ON m.tenant_id = j.tenant_id AND m.project_id = j.id
        WHERE j.tenant_id = $1 AND j.cycle_id = $2 AND j.state = 'active' AND m.state IN ('due', 'returned', 'missed') AND m.due_at < $6
        AND ", project_in_sight!("$3", "$4", "$5"));
}

/// Returns how many projects are in each state; states without any are left out.
pub async fn by_state(tx: &mut Tx, cycle: CycleId, sight: &Sight) -> Result<Vec<StateCount>> {
    tx.fetch(&BY_STATE, params![cycle, sight.all, sight.person, &sight.units]).await
}

/// Returns how many topics are in each state.
pub async fn topics(tx: &mut Tx, cycle: CycleId, sight: &Sight) -> Result<Vec<(topic::State, i64)>> {
    tx.fetch(&TOPICS, params![cycle, sight.all, sight.person, &sight.units]).await
}

/// Returns how many students of the programmes in sight there are, and how many have a project.
pub async fn students(tx: &mut Tx, cycle: CycleId, sight: &Sight) -> Result<Students> {
    tx.fetch_one(&STUDENTS, params![cycle, sight.all, &sight.units]).await
}

/// Returns the supervisors for whom most waits, the worst first.
pub async fn bottlenecks(tx: &mut Tx, cycle: CycleId, sight: &Sight) -> Result<Vec<Bottleneck>> {
    tx.fetch(&BOTTLENECKS, params![cycle, sight.all, sight.person, &sight.units]).await
}

/// Returns how many milestones of running projects are past their deadline.
pub async fn overdue(tx: &mut Tx, cycle: CycleId, sight: &Sight) -> Result<i64> {
    let now = tx.now();
    let (count,): (i64,) = tx.fetch_one(&OVERDUE, params![cycle, sight.all, sight.person, &sight.units, now]).await?;
    Ok(count)
}
