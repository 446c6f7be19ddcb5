//! What the caller is to a thing: the roles that hold there, and the relations that its rows tell.

use access::Subjects;
use base::{Caller, Id, PersonId};
use contracts::roles::{
    CHAIRS, CO_SUPERVISES, COORDINATES, COORDINATOR, EXAMINES, OWNER, SUPERVISES, SUPERVISOR, VOCABULARY,
};
use storage::Tx;

use crate::{
    error::Result,
    model::ids::ProgrammeId,
    store::{
        members::{self, Member},
        programmes,
        projects::Project,
        topics::Topic,
    },
};

/// Returns what the caller is in the whole university.
pub(super) fn to_university(tx: &Tx) -> Subjects {
    held(tx, &[])
}

/// Returns what the caller is to a topic.
pub(super) async fn to_topic(tx: &mut Tx, topic: &Topic) -> Result<Subjects> {
    let units: Vec<ProgrammeId> = programmes::of_topic(tx, topic.id).await?.iter().map(|one| one.id).collect();
    let subjects = held(tx, &units);
    let offers = subjects.meets(SUPERVISOR) && is(tx.caller(), topic.supervisor_id);
    Ok(subjects.with_if(offers, SUPERVISES))
}

/// Returns what the caller is to a project.
pub(super) async fn to_project(tx: &mut Tx, project: &Project, members: &[Member]) -> Result<Subjects> {
    let units = members::units(tx, project.id).await?;
    let roles = members::roles(tx, project.id).await?;
    let caller = tx.caller();
    let has = |role: &str| roles.iter().any(|one| one.role == role && is(caller, one.person_id));
    let member = members.iter().any(|member| is(caller, member.person_id));
    Ok(held(tx, &units)
        .with_if(member, OWNER)
        .with_if(is(caller, project.supervisor_id), SUPERVISES)
        .with_if(has("co_supervisor"), CO_SUPERVISES)
        .with_if(has("chair"), CHAIRS)
        .with_if(has("examiner"), EXAMINES))
}

/// Returns whether the caller sees what is not yet public.
pub fn sees_drafts(tx: &Tx) -> bool {
    to_university(tx).meets(COORDINATES)
}

/// Returns the roles that hold in any of the units, and that the caller coordinates when one of them says so.
fn held(tx: &Tx, units: &[ProgrammeId]) -> Subjects {
    let (caller, now) = (tx.caller(), tx.now());
    let everywhere = VOCABULARY.held(caller, now, None);
    let subjects = units.iter().fold(everywhere, |all, unit| all | VOCABULARY.held(caller, now, Some(unit.uuid())));
    subjects.with_if(subjects.meets(COORDINATOR), COORDINATES)
}

fn is(caller: &Caller, person: PersonId) -> bool {
    caller.person_id() == Some(person)
}
