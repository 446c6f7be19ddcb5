//! Enrol students and supervisors in a cycle, one by one; whole spreadsheets come by import.

use base::PersonId;
use serde_json::json;
use storage::Tx;

use super::{record, relations};
use crate::{
    error::{Error, Result},
    model::ids::{CycleId, ProgrammeId},
    policy,
    store::{
        cycles,
        participants::{self, NewSupervisor, Student},
        people, programmes,
    },
};

/// Most projects that a quota can allow.
pub const QUOTA_MAX: u32 = 500;

#[derive(Debug, Clone)]
pub struct EnrolStudent {
    pub cycle: CycleId,
    pub person: PersonId,
    pub programme: ProgrammeId,
    pub classroom: String,
}

/// Enrols a student, or changes their programme.
pub async fn enrol_student(tx: &mut Tx, command: EnrolStudent) -> Result<()> {
    authorize(tx, command.cycle, command.person).await?;
    if programmes::find(tx, command.programme).await?.is_none() {
        return Err(Error::field("programme", "unknown"));
    }
    let EnrolStudent { cycle, person, programme, classroom } = command;
    let student = Student { person_id: person, programme_id: programme, classroom, gpa_points: None, project_id: None };
    participants::keep_students(tx, cycle, &[student]).await?;
    record::write(tx, &policy::ENROL, ("person", person), &json!({ "cycle": cycle, "as": "student" })).await
}

/// Enrols a supervisor, or changes their quotas.
pub async fn enrol_supervisor(tx: &mut Tx, cycle: CycleId, supervisor: NewSupervisor) -> Result<()> {
    let person = supervisor.person_id;
    authorize(tx, cycle, person).await?;
    if supervisor.supervise_max.max(supervisor.chair_max).max(supervisor.examine_max) > QUOTA_MAX {
        return Err(Error::field("supervise_max", "range"));
    }
    participants::keep_supervisors(tx, cycle, &[supervisor]).await?;
    record::write(tx, &policy::ENROL, ("person", person), &json!({ "cycle": cycle, "as": "supervisor" })).await
}

async fn authorize(tx: &mut Tx, cycle: CycleId, person: PersonId) -> Result<()> {
    access::require(&policy::ENROL, relations::to_university(tx), tx.caller())?;
    if cycles::find(tx, cycle).await?.is_none() {
        return Err(Error::NotFound("cycle"));
    }
    if people::find(tx, person).await?.is_none() {
        return Err(Error::field("person", "unknown"));
    }
    Ok(())
}
