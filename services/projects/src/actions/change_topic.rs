//! Change a topic's text, capacity and programmes.

use serde_json::json;
use storage::Tx;

use super::{create_topic::check_places, record, relations};
use crate::{
    error::{Error, Result, both},
    model::{
        ids::{ProgrammeId, TopicId},
        topic::{State, Text},
    },
    policy,
    store::{programmes, topics},
};

#[derive(Debug, Clone)]
pub struct ChangeTopic {
    pub topic: TopicId,
    /// The version that the caller saw.
    pub version: i64,
    pub title_en: String,
    pub title_local: String,
    pub summary: String,
    pub area: String,
    pub capacity: u32,
    pub programmes: Vec<ProgrammeId>,
}

/// Changes a topic, and returns its new version. The capacity never falls below what is taken.
pub async fn change_topic(tx: &mut Tx, command: ChangeTopic) -> Result<i64> {
    let topic = topics::find(tx, command.topic).await?.ok_or(Error::NotFound("topic"))?;
    let subjects = relations::to_topic(tx, &topic).await?;
    access::require(&policy::CHANGE_TOPIC, subjects, tx.caller())?;
    if topic.version != command.version {
        return Err(Error::Stale { current: topic.version });
    }
    if topic.state == State::Archived {
        return Err(Error::field("topic", "topic_archived"));
    }
    let text = Text::new(&command.title_en, &command.title_local, &command.summary, &command.area);
    let mut places = check_places(tx, command.capacity, &command.programmes).await;
    if places.is_ok() && command.capacity < topic.taken {
        places = Err(Error::field("capacity", "below_taken"));
    }
    let (text, ()) = both(text.map_err(Error::from), places)?;
    if !topics::change(tx, topic.id, topic.version, &text, command.capacity).await? {
        return Err(Error::Stale { current: topic.version + 1 });
    }
    programmes::set_of_topic(tx, topic.id, &command.programmes).await?;
    let detail = json!({ "capacity": command.capacity });
    record::write(tx, &policy::CHANGE_TOPIC, ("topic", topic.id), &detail).await?;
    Ok(topic.version + 1)
}
