//! Places taken and given back. Each is one conditional `UPDATE`, so that no bound is passed however many try at once.

use base::PersonId;
use storage::{Result, Tx, params, statements};

use crate::model::ids::{CycleId, ProjectId, TopicId};

statements! {
    /// Takes one of a supervisor's places, if one is left.
    TAKE_SUPERVISOR: write [supervisor] = "UPDATE supervisor SET supervising = supervising + 1
        WHERE tenant_id = $1 AND cycle_id = $2 AND person_id = $3 AND supervising < supervise_max";
    /// Gives one of a supervisor's places back.
    GIVE_SUPERVISOR: write [supervisor] = "UPDATE supervisor SET supervising = supervising - 1
        WHERE tenant_id = $1 AND cycle_id = $2 AND person_id = $3 AND supervising > 0";
    /// Takes one of a topic's places, if one is left; the last one makes it full.
    TAKE_TOPIC: write [topic] = "UPDATE topic SET taken = taken + 1, version = version + 1, changed_at = $3,
        state = CASE WHEN state = 'open' AND taken + 1 >= capacity THEN 'full' ELSE state END
        WHERE tenant_id = $1 AND id = $2 AND taken < capacity AND state <> 'archived'";
    /// Gives one of a topic's places back; a full one opens.
    GIVE_TOPIC: write [topic] = "UPDATE topic SET taken = taken - 1, version = version + 1, changed_at = $3,
        state = CASE WHEN state = 'full' THEN 'open' ELSE state END
        WHERE tenant_id = $1 AND id = $2 AND taken > 0";
    /// Makes a project the student's, if they have none.
    CLAIM_STUDENT: write [student] = "UPDATE student SET project_id = $4
        WHERE tenant_id = $1 AND cycle_id = $2 AND person_id = $3 AND project_id IS NULL";
    /// Frees the members of a project.
    FREE_STUDENT: write [student] = "UPDATE student SET project_id = NULL
        WHERE tenant_id = $1 AND cycle_id = $2 AND person_id = $3 AND project_id = $4";
}

/// Takes one of a supervisor's places; returns false when none is left.
pub async fn take_supervisor(tx: &mut Tx, cycle: CycleId, person: PersonId) -> Result<bool> {
    Ok(tx.execute(&TAKE_SUPERVISOR, params![cycle, person]).await? == 1)
}

/// Gives one of a supervisor's places back.
pub async fn give_supervisor(tx: &mut Tx, cycle: CycleId, person: PersonId) -> Result<()> {
    tx.execute(&GIVE_SUPERVISOR, params![cycle, person]).await.map(drop)
}

/// Takes one of a topic's places; returns false when none is left.
pub async fn take_topic(tx: &mut Tx, topic: TopicId) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&TAKE_TOPIC, params![topic, now]).await? == 1)
}

/// Gives one of a topic's places back.
pub async fn give_topic(tx: &mut Tx, topic: TopicId) -> Result<()> {
    let now = tx.now();
    tx.execute(&GIVE_TOPIC, params![topic, now]).await.map(drop)
}

/// Makes the project the student's; returns false when they have another one, or are no student of the cycle.
pub async fn claim_student(tx: &mut Tx, cycle: CycleId, person: PersonId, project: ProjectId) -> Result<bool> {
    Ok(tx.execute(&CLAIM_STUDENT, params![cycle, person, project]).await? == 1)
}

/// Frees the student from the project.
pub async fn free_student(tx: &mut Tx, cycle: CycleId, person: PersonId, project: ProjectId) -> Result<()> {
    tx.execute(&FREE_STUDENT, params![cycle, person, project]).await.map(drop)
}
