//! Propose a project: on a topic, or an idea of one's own, alone or in a group.

use base::PersonId;
use contracts::{events::projects::ProposalSubmitted, roles::OWNER};
use serde::{Deserialize, Serialize};
use storage::Tx;

use super::{
    case::{Case, by_and_when, person},
    submit_proposal::{complete, keep_text},
};
use crate::{
    error::{Error, Result, both},
    model::{
        cycle,
        facts::Guard,
        ids::{CycleId, ProgrammeId, ProjectId, TopicId},
        life::{Action, Standing, State},
        proposal::Text,
        topic,
    },
    policy,
    store::{
        cycles,
        cycles::Cycle,
        members, participants, people, programmes,
        projects::{self, Project},
        topics,
    },
};

#[derive(Debug, Clone)]
pub struct Propose {
    pub cycle: CycleId,
    /// The topic; without one, it is an idea of the student's own.
    pub topic: Option<TopicId>,
    /// Who is asked to supervise an own idea; a topic brings its supervisor.
    pub supervisor: Option<PersonId>,
    pub title_en: String,
    pub title_local: String,
    pub summary: String,
    pub methods: String,
    /// Student numbers of the other members.
    pub members: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    pub project: ProjectId,
    pub number: String,
    pub version: i64,
}

/// Makes a project and submits its first proposal. Every member is in no other project of the cycle, however many ask at once.
pub async fn propose(tx: &mut Tx, command: Propose) -> Result<Proposed> {
    let proposer = person(tx)?;
    access::require(&policy::PROPOSE, contracts::roles::VOCABULARY.held_anywhere(tx.caller(), tx.now()), tx.caller())?;
    let cycle = cycles::find(tx, command.cycle).await?.ok_or(Error::NotFound("cycle"))?;
    if cycle.state == cycle::State::Draft {
        return Err(Error::NotFound("cycle"));
    }
    let text = complete(&cycle.policy, &command.title_en, &command.title_local, &command.summary, &command.methods);
    let who = people_of(tx, &cycle, proposer, &command).await;
    let (text, (group, supervisor_id)) = both(text, who)?;
    let now = tx.now();
    let project = Project {
        id: tx.id(),
        cycle_id: cycle.id,
        number: cycles::next_number(tx, cycle.id).await?,
        topic_id: command.topic,
        supervisor_id,
        title_en: text.title_en.clone(),
        title_local: text.title_local.clone(),
        state: State::Draft,
        attempt: 1,
        previous_id: None,
        proposal_version: 0,
        due_at: None,
        suspended_at: None,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    projects::insert(tx, &project).await?;
    // Whoever proposes has confirmed by proposing; the others are asked.
    let members: Vec<_> = group.iter().map(|one| (one.person, (one.person == proposer).then_some(now))).collect();
    members::insert(tx, project.id, &members).await?;
    let case = Case {
        members: members::list(tx, project.id).await?,
        subjects: OWNER,
        standing: Standing::new(),
        project,
        cycle,
    };
    case.claim_members(tx, case.project.id).await?;
    submit(tx, &case, &text).await
}

async fn submit(tx: &mut Tx, case: &Case, text: &Text) -> Result<Proposed> {
    let facts = case.facts(tx).await?.with(Guard::ProposalComplete, true);
    let moved = case.take(tx, Action::Submit, &facts, "").await?;
    keep_text(tx, case, text).await?;
    let (by, happened_at) = by_and_when(tx);
    messaging::emit(tx, &ProposalSubmitted { card: case.card(), by, happened_at, version: 1 }).await?;
    Ok(Proposed { project: case.project.id, number: case.project.number.clone(), version: moved.version })
}

/// A member to be, with their programme.
struct Joining {
    person: PersonId,
    programme: ProgrammeId,
}

/// Returns the members, and who is to supervise them.
async fn people_of(
    tx: &mut Tx,
    cycle: &Cycle,
    proposer: PersonId,
    command: &Propose,
) -> Result<(Vec<Joining>, PersonId)> {
    let group = group(tx, cycle, proposer, &command.members).await;
    // Whether a topic fits is asked of those who are known to be members.
    let members = group.as_deref().unwrap_or_default();
    let supervisor = supervisor(tx, cycle, command, members).await;
    both(group, supervisor)
}

async fn group(tx: &mut Tx, cycle: &Cycle, proposer: PersonId, numbers: &[String]) -> Result<Vec<Joining>> {
    let own = participants::student(tx, cycle.id, proposer).await?.ok_or(Error::NotInCycle)?;
    let mut group = vec![Joining { person: proposer, programme: own.programme_id }];
    for number in numbers.iter().map(|number| number.trim()).filter(|number| !number.is_empty()) {
        if group.len() >= usize::from(cycle.policy.members_max) {
            return Err(Error::field("members", "too_many_items"));
        }
        let unknown = || Error::field("members", "unknown_student");
        let person = people::find_by_number(tx, number).await?.ok_or_else(unknown)?;
        let student = participants::student(tx, cycle.id, person.id).await?.ok_or_else(unknown)?;
        if group.iter().any(|member| member.person == person.id) {
            return Err(Error::field("members", "repeated"));
        }
        group.push(Joining { person: person.id, programme: student.programme_id });
    }
    Ok(group)
}

async fn supervisor(tx: &mut Tx, cycle: &Cycle, command: &Propose, group: &[Joining]) -> Result<PersonId> {
    let Some(id) = command.topic else {
        let supervisor = command.supervisor.ok_or_else(|| Error::field("supervisor", "required"))?;
        let known = participants::supervisor(tx, cycle.id, supervisor).await?;
        return known.map(|one| one.person_id).ok_or_else(|| Error::field("supervisor", "not_in_cycle"));
    };
    let found = topics::find(tx, id).await?.filter(|topic| topic.cycle_id == cycle.id);
    let topic = found.ok_or(Error::NotFound("topic"))?;
    match topic.state {
        topic::State::Open => {}
        topic::State::Draft | topic::State::InReview => return Err(Error::NotFound("topic")),
        topic::State::Full | topic::State::Closed | topic::State::Archived => return Err(Error::TopicFull),
    }
    let programmes = programmes::of_topic(tx, id).await?;
    let fits =
        |one: &Joining| programmes.is_empty() || programmes.iter().any(|programme| programme.id == one.programme);
    if group.iter().all(fits) { Ok(topic.supervisor_id) } else { Err(Error::field("topic", "other_programme")) }
}
