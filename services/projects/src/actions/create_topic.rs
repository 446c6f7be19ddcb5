//! Create a topic.

use access::Subjects;
use base::{FieldError, PersonId};
use contracts::roles::{COORDINATOR, SUPERVISOR};
use serde_json::json;
use storage::Tx;

use super::{record, relations};
use crate::{
    error::{Error, Result, both},
    model::{
        cycle,
        ids::{CycleId, ProgrammeId, TopicId},
        topic::{CAPACITY_MAX, PROGRAMMES_MAX, State, Text},
    },
    policy,
    store::{
        cycles, participants, programmes,
        topics::{self, Topic},
    },
};

#[derive(Debug, Clone)]
pub struct CreateTopic {
    pub cycle: CycleId,
    /// Whose topic it is; a supervisor creates only their own, and may leave it out.
    pub supervisor: Option<PersonId>,
    pub title_en: String,
    pub title_local: String,
    pub summary: String,
    pub area: String,
    pub capacity: u32,
    /// For whom it is; none means everybody.
    pub programmes: Vec<ProgrammeId>,
}

/// Creates a topic as a draft of its supervisor's.
pub async fn create_topic(tx: &mut Tx, command: CreateTopic) -> Result<TopicId> {
    let subjects = relations::to_new_topic(tx, &command.programmes);
    access::require(&policy::CREATE_TOPIC, subjects, tx.caller())?;
    let cycle = cycles::find(tx, command.cycle).await?.ok_or(Error::NotFound("cycle"))?;
    if matches!(cycle.state, cycle::State::Closed | cycle::State::Archived) {
        return Err(Error::field("cycle", "cycle_closed"));
    }
    let supervisor = supervisor(tx, subjects, &command).await;
    let text = Text::new(&command.title_en, &command.title_local, &command.summary, &command.area);
    let places = check_places(tx, command.capacity, &command.programmes).await;
    let ((supervisor_id, text), ()) = both(both(supervisor, text.map_err(Error::from)), places)?;
    // Numbers of one cycle are given one after the other.
    cycles::hold(tx, cycle.id).await?;
    let topic = Topic {
        id: tx.id(),
        cycle_id: cycle.id,
        number: topics::next_number(tx, cycle.id).await?,
        title_en: text.title_en,
        title_local: text.title_local,
        summary: text.summary,
        area: text.area,
        supervisor_id,
        supervisor_name: String::new(),
        capacity: command.capacity,
        taken: 0,
        state: State::Draft,
        version: 1,
        changed_at: tx.now(),
    };
    topics::insert(tx, &topic).await?;
    programmes::set_of_topic(tx, topic.id, &command.programmes).await?;
    record::write(tx, &policy::CREATE_TOPIC, ("topic", topic.id), &json!({ "cycle": cycle.id })).await?;
    Ok(topic.id)
}

/// Returns whose topic it will be: somebody's who supervises in the cycle.
async fn supervisor(tx: &mut Tx, subjects: Subjects, command: &CreateTopic) -> Result<PersonId> {
    let mine = tx.caller().person_id().filter(|_| subjects.meets(SUPERVISOR));
    let supervisor = match command.supervisor {
        Some(other) if Some(other) != mine && !subjects.meets(COORDINATOR) => {
            return Err(Error::field("supervisor", "not_yours"));
        }
        Some(supervisor) => supervisor,
        None => mine.ok_or_else(|| Error::field("supervisor", "required"))?,
    };
    let known = participants::supervisor(tx, command.cycle, supervisor).await?;
    known.map(|one| one.person_id).ok_or_else(|| Error::field("supervisor", "not_in_cycle"))
}

/// Checks how many projects a topic takes, and for which programmes.
pub(super) async fn check_places(tx: &mut Tx, capacity: u32, wanted: &[ProgrammeId]) -> Result<()> {
    let known = programmes::list(tx).await?;
    let mut faults = Vec::new();
    if !(1..=u32::from(CAPACITY_MAX)).contains(&capacity) {
        faults.push(FieldError::new("capacity", "range"));
    }
    if wanted.len() > PROGRAMMES_MAX {
        faults.push(FieldError::new("programmes", "too_many_items"));
    } else if !wanted.iter().all(|id| known.iter().any(|programme| programme.id == *id)) {
        faults.push(FieldError::new("programmes", "unknown"));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}
