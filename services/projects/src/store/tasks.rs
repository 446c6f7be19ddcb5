//! What waits for a person, beyond their own projects and milestones: see `projects` and `milestones` for those.

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::{
    record::record,
    sight::{Sight, project_in_sight, topic_in_sight},
};
use crate::model::ids::{ProjectId, TopicId};

record! {
    /// A membership that a person has not confirmed.
    Unconfirmed {
        project_id: ProjectId,
        number: String,
        title_en: String,
        title_local: String,
        since: Timestamp,
    }
}

record! {
    /// A topic that waits for a coordinator, or for its supervisor.
    Topic {
        topic_id: TopicId,
        number: String,
        title_en: String,
        title_local: String,
        since: Timestamp,
    }
}

statements! {
    /// Lists memberships that wait for the person's word.
    UNCONFIRMED: read [project_member, project] = "SELECT j.id, j.number, j.title_en, j.title_local, j.created_at
        FROM project_member m JOIN project j ON j.tenant_id = m.tenant_id AND j.id = m.project_id
        WHERE m.tenant_id = $1 AND m.person_id = $2 AND m.confirmed_at IS NULL
        AND j.state IN ('draft', 'proposed', 'changes_requested', 'approved') ORDER BY j.created_at LIMIT 50";
    /// Lists an open cycle's topics in review.
    IN_REVIEW: read [topic, topic_programme, cycle] = concat!("SELECT t.id, t.number, t.title_en, t.title_local, t.changed_at
        FROM cycle c JOIN topic t ON t.tenant_id = c.tenant_id AND t.cycle_id = c.id
        WHERE c.tenant_id = $1 AND c.state = 'open' AND t.state = 'in_review' AND ", topic_in_sight!("$2", "$3", "$4"),
        " ORDER BY t.changed_at LIMIT 200");
    /// Lists a supervisor's topics that were returned and not offered again.
    RETURNED: read [topic, topic_history] = "SELECT t.id, t.number, t.title_en, t.title_local, t.changed_at FROM topic t
        WHERE t.tenant_id = $1 AND t.supervisor_id = $2 AND t.state = 'draft'
        AND EXISTS (SELECT 1 FROM topic_history h WHERE h.tenant_id = t.tenant_id AND h.topic_id = t.id AND h.action = 'return')
        ORDER BY t.changed_at LIMIT 200";
    /// Lists an open cycle's projects that wait for a coordinator.
    FOR_COORDINATOR: read [project, project_member, project_role, student, cycle] = concat!("SELECT j.id, j.number, j.title_en, j.title_local, j.changed_at
        FROM cycle c JOIN project j ON j.tenant_id = c.tenant_id AND j.cycle_id = c.id
        WHERE c.tenant_id = $1 AND c.state = 'open' AND j.state = 'submitted' AND ", project_in_sight!("$2", "$3", "$4"),
        " ORDER BY j.number LIMIT 200");
}

/// Returns the memberships that wait for this person's word.
pub async fn unconfirmed(tx: &mut Tx, person: PersonId) -> Result<Vec<Unconfirmed>> {
    tx.fetch(&UNCONFIRMED, params![person]).await
}

/// Returns the topics of open cycles that wait for a review, of those in sight.
pub async fn in_review(tx: &mut Tx, sight: &Sight) -> Result<Vec<Topic>> {
    tx.fetch(&IN_REVIEW, params![sight.all, sight.person, &sight.units]).await
}

/// Returns the topics that wait for this supervisor to correct them.
pub async fn returned(tx: &mut Tx, supervisor: PersonId) -> Result<Vec<Topic>> {
    tx.fetch(&RETURNED, params![supervisor]).await
}

/// Returns the projects of open cycles that wait for admission, of those in sight.
pub async fn for_coordinator(tx: &mut Tx, sight: &Sight) -> Result<Vec<Unconfirmed>> {
    tx.fetch(&FOR_COORDINATOR, params![sight.all, sight.person, &sight.units]).await
}
