//! A faculty to look at: people, topics, and projects in the middle of their year.
//!
//! Made by a generator of its own from nothing but a number, so that every demo is the same; only the dates are today's.
//! Lives are walked through the state table, so that a demo shows nothing that cannot happen.

mod chance;
mod faculty;
mod lives;
mod past;
mod sheet;
mod words;

use base::{Caller, PersonId, Scope, TenantId, Timestamp};
use contracts::{
    events::projects::{ROSTER_CHUNK_MAX, RosterImported, RosterPerson},
    ids::{FileId, ImportId},
    roles::names,
};
use futures_util::FutureExt;
use storage::{Database, Tx};

pub(crate) use self::faculty::NewTopic;
use self::faculty::{Faculty, NewPerson};
use super::tell_programmes::tell_programmes;
use crate::{Result, model::ids::CycleId};

/// Students of the faculty.
pub const STUDENTS: usize = 600;
/// Supervisors of the faculty.
pub const SUPERVISORS: usize = 64;
/// Topics of the faculty.
pub const TOPICS: usize = 210;
/// Projects of the faculty.
pub const PROJECTS: usize = 330;

/// Role and address of those who are given a password.
pub const SIGN_INS: [(&str, &str); 3] = [
    (names::STUDENT, "student001@uni.example"),
    (names::SUPERVISOR, "supervisor001@uni.example"),
    (names::COORDINATOR, "coordinator@uni.example"),
];

/// The faculty that was made, and who can be given a password to look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeded {
    pub cycle: CycleId,
    /// Has a running project with a milestone due.
    pub student: DemoPerson,
    /// Has proposals and milestones to review.
    pub supervisor: DemoPerson,
    /// Runs the cycle.
    pub coordinator: DemoPerson,
    /// What was handed in, for whoever keeps files.
    pub files: Vec<HandedIn>,
}

/// A file that was handed in, with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedIn {
    pub file: FileId,
    pub name: String,
    pub bytes: Vec<u8>,
    pub by: PersonId,
    pub at: Timestamp,
}

/// Somebody who can be given a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoPerson {
    pub id: PersonId,
    pub name: String,
    pub email: String,
}

/// Fills a tenant that has no cycle yet, in one transaction; the people follow as accounts by the roster's events.
pub async fn seed(db: &Database, tenant: TenantId) -> Result<Seeded> {
    let caller = Caller::system(tenant, "projects.demo", db.ambient().id());
    db.write(&caller, |tx| furnish(tx).boxed()).await
}

async fn furnish(tx: &mut Tx) -> Result<Seeded> {
    let faculty = Faculty::make(tx);
    faculty.save(tx).await?;
    tell_programmes(tx).await?;
    let files = lives::save(tx, &faculty).await?;
    announce(tx, &faculty).await?;
    Ok(Seeded {
        cycle: faculty.cycle.id,
        student: shown(faculty.student(0)),
        supervisor: shown(faculty.supervisor(0)),
        coordinator: shown(&faculty.coordinator),
        files,
    })
}

/// Tells identity who there is, so that everybody has an account and a role.
async fn announce(tx: &mut Tx, faculty: &Faculty) -> Result<()> {
    let import: ImportId = tx.id();
    let person = |one: &NewPerson, role: &str| RosterPerson {
        person: one.id,
        numbers: vec![one.number.clone()],
        family_name: one.family_name.to_owned(),
        given_name: one.given_name.to_owned(),
        email: Some(one.email.clone()),
        language: None,
        role: role.to_owned(),
        scope: Scope::Tenant,
    };
    let mut people = vec![person(&faculty.coordinator, names::COORDINATOR)];
    people.extend(faculty.supervisors.iter().map(|one| person(one, names::SUPERVISOR)));
    people.extend(faculty.students.iter().map(|one| person(one, names::STUDENT)));
    for (chunk, people) in (0..).zip(people.chunks(ROSTER_CHUNK_MAX)) {
        let event = RosterImported { import, chunk, people: people.to_vec(), imported_at: tx.now() };
        messaging::emit(tx, &event).await?;
    }
    Ok(())
}

fn shown(person: &NewPerson) -> DemoPerson {
    DemoPerson { id: person.id, name: person.name(), email: person.email.clone() }
}
