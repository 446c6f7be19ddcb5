//! Offer, open, return, close or archive a topic.

use base::text;
use contracts::events::projects::TopicReturned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::Tx;

use super::{case::by_and_when, record, relations};
use crate::{
    error::{Error, Result},
    model::{
        cycle,
        facts::{Facts, Guard},
        ids::TopicId,
        machine,
        proposal::REQUEST_CHARS_MAX,
        topic::{Action, State, TABLE},
    },
    policy,
    store::{
        cycles, topic_history,
        topics::{self, Topic},
    },
};

#[derive(Debug, Clone)]
pub struct MoveTopic {
    pub topic: TopicId,
    pub action: Action,
    /// The version that the caller saw; `None` when they do not mind.
    pub version: Option<i64>,
    /// Why; a return needs one.
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicMoved {
    pub topic: TopicId,
    pub state: State,
    pub version: i64,
}

/// Moves a topic to another state, and keeps who did it, when and why.
pub async fn move_topic(tx: &mut Tx, command: MoveTopic) -> Result<TopicMoved> {
    let topic = topics::find(tx, command.topic).await?.ok_or(Error::NotFound("topic"))?;
    let subjects = relations::to_topic(tx, &topic).await?;
    access::require(&policy::MOVE_TOPIC, subjects, tx.caller())?;
    if command.version.is_some_and(|seen| seen != topic.version) {
        return Err(Error::Stale { current: topic.version });
    }
    let reason =
        text::prose(&command.reason, REQUEST_CHARS_MAX).map_err(|refused| Error::field("reason", refused.reason()))?;
    let cycle = cycles::find(tx, topic.cycle_id).await?.ok_or(Error::NotFound("cycle"))?;
    let coordinates = subjects.meets(contracts::roles::COORDINATES);
    let facts = Facts::of(subjects)
        .with(Guard::CycleOpen, cycle.state == cycle::State::Open)
        .with(Guard::ApproversComplete, coordinates || !cycle.policy.topics_reviewed)
        .with(Guard::TopicHasPlace, topic.taken < topic.capacity)
        .with(Guard::ReasonGiven, !reason.is_empty());
    let row = machine::apply(TABLE, topic.state, command.action, &facts)
        .map_err(|illegal| Error::from(illegal).blaming("reason", Guard::ReasonGiven))?;
    if !topics::set_state(tx, topic.id, topic.version, row.to).await? {
        return Err(Error::Stale { current: topic.version + 1 });
    }
    let version = topic.version + 1;
    topic_history::append(tx, topic.id, version, (row.from, row.action, row.to), &reason).await?;
    let detail = json!({ "action": row.action, "from": row.from, "to": row.to });
    record::write(tx, &policy::MOVE_TOPIC, ("topic", topic.id), &detail).await?;
    if row.action == Action::Return {
        let returned = returned(tx, &topic, reason);
        messaging::emit(tx, &returned).await?;
    }
    Ok(TopicMoved { topic: topic.id, state: row.to, version })
}

fn returned(tx: &Tx, topic: &Topic, reason: String) -> TopicReturned {
    let (by, happened_at) = by_and_when(tx);
    let (supervisor, title) = (topic.supervisor_id, topic.title_en.clone());
    TopicReturned { topic: topic.id, cycle: topic.cycle_id, title, supervisor, by, happened_at, reason }
}
