//! Show a topic and what the caller can do with it.

use contracts::roles::COORDINATES;
use storage::Tx;

use super::relations;
use crate::{
    error::{Error, Result},
    model::{
        cycle,
        facts::{Facts, Guard},
        ids::TopicId,
        machine,
        topic::{Action, State, TABLE},
    },
    policy,
    store::{
        cycles,
        programmes::{self, Programme},
        topic_history::{self, TopicStep},
        topics::{self, Topic},
    },
};

#[derive(Debug, Clone)]
pub struct TopicView {
    pub topic: Topic,
    pub programmes: Vec<Programme>,
    pub legal: Vec<Action>,
    pub may_change: bool,
    /// What was done with it, for those who may change it; the first first.
    pub history: Vec<TopicStep>,
}

impl TopicView {
    /// Returns the step by which the topic was returned for rework, while it waits for that.
    pub fn returned(&self) -> Option<&TopicStep> {
        let last = self.history.last()?;
        (self.topic.state == State::Draft && last.action == Action::Return).then_some(last)
    }
}

/// Returns a topic; one that is not yet open exists for its supervisor and for those who coordinate it.
pub async fn show_topic(tx: &mut Tx, id: TopicId) -> Result<TopicView> {
    let topic = topics::find(tx, id).await?.ok_or(Error::NotFound("topic"))?;
    let subjects = relations::to_topic(tx, &topic).await?;
    access::require(&policy::LIST_TOPICS, subjects, tx.caller())?;
    let may_change = policy::CHANGE_TOPIC.allow.meets(subjects);
    if matches!(topic.state, State::Draft | State::InReview) && !may_change {
        return Err(Error::NotFound("topic"));
    }
    let cycle = cycles::find(tx, topic.cycle_id).await?.ok_or(Error::NotFound("cycle"))?;
    let facts = Facts::of(subjects)
        .with(Guard::CycleOpen, cycle.state == cycle::State::Open)
        .with(Guard::ApproversComplete, subjects.meets(COORDINATES) || !cycle.policy.topics_reviewed)
        .with(Guard::TopicHasPlace, topic.taken < topic.capacity);
    let legal = machine::legal(TABLE, topic.state, &facts);
    let history = if may_change { topic_history::list(tx, id).await? } else { Vec::new() };
    Ok(TopicView { programmes: programmes::of_topic(tx, id).await?, topic, legal, may_change, history })
}
