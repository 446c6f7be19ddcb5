//! What the caller is to a thing: the roles that hold there, and the relations that its rows tell.

use std::collections::BTreeSet;

use access::Subjects;
use base::{Caller, Id, PersonId, Scope};
use contracts::roles::{
    CHAIRS, CO_SUPERVISES, COORDINATES, COORDINATOR, EXAMINES, OWNER, SUPERVISES, SUPERVISOR, VOCABULARY,
};
use storage::Tx;
use uuid::Uuid;

use crate::{
    error::Result,
    model::ids::ProgrammeId,
    store::{
        members::{self, Member},
        programmes,
        projects::Project,
        sight::Sight,
        topics::Topic,
    },
};

/// Returns what the caller is in the whole university.
pub(super) fn to_university(tx: &Tx) -> Subjects {
    held(tx, &[])
}

/// Returns what the caller is in the university or in any of its programmes: for lists, which [`sight`] then cuts.
pub(super) fn anywhere(tx: &Tx) -> Subjects {
    coordinating(VOCABULARY.held_anywhere(tx.caller(), tx.now()))
}

/// Returns what the caller is in all of these programmes at once.
pub(super) fn to_programmes(tx: &Tx, programmes: &[ProgrammeId]) -> Subjects {
    let everywhere = to_university(tx);
    let in_each = programmes.iter().map(|programme| held(tx, &[*programme]));
    everywhere.or(in_each.reduce(Subjects::and).unwrap_or(Subjects::NONE))
}

/// Returns what the caller is to a topic that is yet to be, for these programmes.
pub(super) fn to_new_topic(tx: &Tx, programmes: &[ProgrammeId]) -> Subjects {
    // Supervisors offer topics wherever they supervise.
    held(tx, programmes).with_if(anywhere(tx).meets(SUPERVISOR), SUPERVISOR)
}

/// Returns what the caller is to a topic.
pub(super) async fn to_topic(tx: &mut Tx, topic: &Topic) -> Result<Subjects> {
    let units: Vec<ProgrammeId> = programmes::of_topic(tx, topic.id).await?.iter().map(|one| one.id).collect();
    let offers = anywhere(tx).meets(SUPERVISOR) && is(tx.caller(), topic.supervisor_id);
    Ok(held(tx, &units).with_if(offers, SUPERVISES))
}

/// Returns the topics that the caller sees before they open: those to which [`to_topic`] makes them what `action` allows.
pub(super) fn topic_sight(tx: &Tx, action: &access::Action) -> Sight {
    sight(tx, action, tx.caller().person_id().filter(|_| anywhere(tx).meets(SUPERVISOR)))
}

/// Returns the projects that the caller sees: those to which [`to_project`] makes them what `action` allows.
pub(super) fn project_sight(tx: &Tx, action: &access::Action) -> Sight {
    sight(tx, action, tx.caller().person_id())
}

/// Returns what the caller sees by roles alone, whatever is their own.
pub(super) fn role_sight(tx: &Tx, action: &access::Action) -> Sight {
    sight(tx, action, None)
}

fn sight(tx: &Tx, action: &access::Action, own: Option<PersonId>) -> Sight {
    let (caller, now) = (tx.caller(), tx.now());
    let allowed = |unit| action.allow.meets(coordinating(VOCABULARY.held(caller, now, unit)));
    let unit = |scope| match scope {
        Scope::Unit(unit) => Some(unit),
        Scope::Tenant => None,
    };
    let units: BTreeSet<Uuid> = caller.grants_at(now).filter_map(|grant| unit(grant.scope)).collect();
    let all = allowed(None);
    let seen = units.into_iter().filter(|unit| !all && allowed(Some(*unit))).collect();
    Sight::new(all, &seen, own)
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

/// Returns the roles that hold in any of the units.
fn held(tx: &Tx, units: &[ProgrammeId]) -> Subjects {
    let (caller, now) = (tx.caller(), tx.now());
    let everywhere = VOCABULARY.held(caller, now, None);
    coordinating(units.iter().fold(everywhere, |all, unit| all | VOCABULARY.held(caller, now, Some(unit.uuid()))))
}

/// Returns the roles, and that the caller coordinates when one of them says so.
fn coordinating(held: Subjects) -> Subjects {
    held.with_if(held.meets(COORDINATOR), COORDINATES)
}

fn is(caller: &Caller, person: PersonId) -> bool {
    caller.person_id() == Some(person)
}
