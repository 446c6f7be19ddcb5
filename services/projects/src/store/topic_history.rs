//! The history of topics. There is no statement here that changes or deletes a row, and there shall be none.

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::{
    ids::TopicId,
    topic::{Action, State},
};

record! {
    /// A step taken, with the name of whoever took it.
    TopicStep {
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
    /// Lists a topic's newest steps.
    LIST: read [topic_history, person] = "SELECT h.position, h.action, h.from_state, h.to_state, h.actor_id, COALESCE(p.name, ''), h.reason, h.at
        FROM topic_history h LEFT JOIN person p ON p.tenant_id = h.tenant_id AND p.id = h.actor_id
        WHERE h.tenant_id = $1 AND h.topic_id = $2 ORDER BY h.position DESC LIMIT 200";
    /// Appends a step.
    APPEND: write [topic_history] = "INSERT INTO topic_history (tenant_id, topic_id, position, action, from_state, to_state, actor_id, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// Returns the newest steps of a topic, the first of them first.
pub async fn list(tx: &mut Tx, topic: TopicId) -> Result<Vec<TopicStep>> {
    let mut steps: Vec<TopicStep> = tx.fetch(&LIST, params![topic]).await?;
    steps.reverse();
    Ok(steps)
}

/// Appends the caller's step, which gave the topic the version `position`.
pub async fn append(
    tx: &mut Tx,
    topic: TopicId,
    position: i64,
    (from, action, to): (State, Action, State),
    reason: &str,
) -> Result<()> {
    let (actor, now) = (tx.caller().person_id(), tx.now());
    tx.execute(&APPEND, params![topic, position, action, from, to, actor, reason, now]).await.map(drop)
}
