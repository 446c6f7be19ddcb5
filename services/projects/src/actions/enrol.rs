//! Enrol students and supervisors in a cycle, one by one; whole spreadsheets come by import.
//!
//! Students are enrolled by whoever coordinates their programme. Supervisors serve every programme, so they are the
//! university's to enrol. Identity hears of each by event: it gives the role, and invites whom it did not know.

use access::Subjects;
use base::{FieldError, PersonId, Scope};
use contracts::{
    events::projects::{ParticipantEnrolled, RosterPerson},
    roles::names,
};
use serde_json::json;
use storage::Tx;

use super::{list_cycles::visible, record, relations};
use crate::{
    error::{Error, Result},
    model::{
        ids::{CycleId, ProgrammeId},
        participant::{self, Newcomer, Whom, told},
    },
    policy,
    store::{
        cycles::{self, Cycle},
        participants::{self, NewSupervisor, Student, Supervisor},
        people::{self, Person},
        programmes::{self, Programme},
    },
};

/// Most people that a search shows.
pub const FOUND_MAX: u32 = 20;
/// Fewest characters of a search: fewer would list everybody.
const SEARCH_CHARS_MIN: usize = 2;

#[derive(Debug, Clone)]
pub struct EnrolStudent {
    pub cycle: CycleId,
    pub whom: Whom,
    pub programme: ProgrammeId,
    /// What is known stays when it is absent.
    pub classroom: Option<String>,
    /// The grade point average as typed; what is known stays when it is empty.
    pub gpa: String,
}

#[derive(Debug, Clone)]
pub struct EnrolSupervisor {
    pub cycle: CycleId,
    pub whom: Whom,
    /// What is known stays when it is absent.
    pub title: Option<String>,
    pub supervise_max: u32,
    pub chair_max: u32,
    pub examine_max: u32,
    /// What is known stays when they are absent.
    pub areas: Option<Vec<String>>,
}

/// Enrols a student, or changes their programme.
pub async fn enrol_student(tx: &mut Tx, command: EnrolStudent) -> Result<PersonId> {
    let EnrolStudent { cycle, whom, programme, classroom, gpa } = command;
    authorize(tx, relations::to_programmes(tx, &[programme]))?;
    taking(tx, cycle).await?;
    cycles::hold(tx, cycle).await?;
    let mut faults = Vec::new();
    let whom = whom.check(&mut faults);
    let classroom = classroom.map(|classroom| told(&mut faults, participant::word("classroom", &classroom)));
    let gpa_points = told(&mut faults, participant::grade_points(&gpa)).map(i64::from);
    if programmes::find(tx, programme).await?.is_none() {
        faults.push(FieldError::new("programme", "unknown"));
    }
    let person = settle(tx, whom, faults).await?;
    let before = participants::student(tx, cycle, person.id).await?;
    // Whoever is in a programme already is moved by somebody who coordinates both.
    if let Some(before) = &before
        && authorize(tx, relations::to_programmes(tx, &[before.programme_id, programme])).is_err()
    {
        return Err(Error::field("programme", "enrolled_elsewhere"));
    }
    let gpa_points = gpa_points.or_else(|| before.as_ref().and_then(|before| before.gpa_points));
    let classroom = classroom.or_else(|| before.map(|before| before.classroom)).unwrap_or_default();
    let student = Student { person_id: person.id, programme_id: programme, classroom, gpa_points, project_id: None };
    participants::keep_students(tx, cycle, &[student]).await?;
    tell(tx, cycle, person, names::STUDENT).await
}

/// Enrols a supervisor, or changes their quotas. A quota may be below what they supervise already: nobody is thrown out.
pub async fn enrol_supervisor(tx: &mut Tx, command: EnrolSupervisor) -> Result<PersonId> {
    authorize(tx, relations::to_university(tx))?;
    let EnrolSupervisor { cycle, whom, title, supervise_max, chair_max, examine_max, areas } = command;
    taking(tx, cycle).await?;
    cycles::hold(tx, cycle).await?;
    let mut faults = Vec::new();
    let whom = whom.check(&mut faults);
    let title = title.map(|title| told(&mut faults, participant::word("title", &title)));
    let supervise_max = told(&mut faults, participant::quota("supervise_max", supervise_max));
    let chair_max = told(&mut faults, participant::quota("chair_max", chair_max));
    let examine_max = told(&mut faults, participant::quota("examine_max", examine_max));
    let areas = areas.map(|areas| told(&mut faults, participant::areas(areas.iter().map(String::as_str))));
    let person = settle(tx, whom, faults).await?;
    let (known_title, known_areas) = match participants::supervisor(tx, cycle, person.id).await? {
        Some(before) => (before.title, before.areas),
        None => (String::new(), json!([]).to_string()),
    };
    let title = title.unwrap_or(known_title);
    let areas = areas.map_or(known_areas, |areas| json!(areas).to_string());
    let supervisor = NewSupervisor { person_id: person.id, title, supervise_max, chair_max, examine_max, areas };
    participants::keep_supervisors(tx, cycle, &[supervisor]).await?;
    tell(tx, cycle, person, names::SUPERVISOR).await
}

/// What a page needs to enrol somebody.
#[derive(Debug, Clone)]
pub struct Enrolment {
    pub cycle: Cycle,
    /// The programmes in which the caller may enrol students.
    pub programmes: Vec<Programme>,
    /// Who is chosen, and their part in the cycle so far.
    pub chosen: Option<Chosen>,
    /// People found by the search.
    pub found: Vec<Person>,
}

#[derive(Debug, Clone)]
pub struct Chosen {
    pub person: Person,
    pub student: Option<Student>,
    pub supervisor: Option<Supervisor>,
}

/// Whom somebody looks for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    pub text: Option<String>,
    pub person: Option<PersonId>,
}

/// As what somebody is to be enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Student,
    Supervisor,
}

/// Returns what it takes to enrol somebody in a cycle, to those who may enrol anybody in this part.
pub async fn prepare_enrolment(tx: &mut Tx, cycle: CycleId, part: Part, search: Search) -> Result<Enrolment> {
    if part == Part::Supervisor || !may_enrol_students(tx) {
        authorize(tx, relations::to_university(tx))?;
    }
    let sight = relations::role_sight(tx, &policy::ENROL);
    let mut programmes = programmes::list(tx).await?;
    programmes.retain(|programme| sight.sees_programme(programme.id));
    let cycle = taking(tx, cycle).await?;
    let chosen = match search.person {
        Some(id) => Some(chosen(tx, cycle.id, id).await?),
        None => None,
    };
    let wanted = search.text.filter(|text| text.trim().chars().count() >= SEARCH_CHARS_MIN);
    let found = match wanted {
        Some(text) => people::search(tx, &text, FOUND_MAX).await?,
        None => Vec::new(),
    };
    Ok(Enrolment { cycle, programmes, chosen, found })
}

/// Returns whether the caller may enrol students: of every programme, or of those that they coordinate.
pub fn may_enrol_students(tx: &Tx) -> bool {
    !relations::role_sight(tx, &policy::ENROL).is_own_alone()
}

async fn chosen(tx: &mut Tx, cycle: CycleId, id: PersonId) -> Result<Chosen> {
    let person = people::find(tx, id).await?.ok_or(Error::NotFound("person"))?;
    let student = participants::student(tx, cycle, id).await?;
    let supervisor = participants::supervisor(tx, cycle, id).await?;
    Ok(Chosen { person, student, supervisor })
}

fn authorize(tx: &Tx, held: Subjects) -> Result<()> {
    Ok(access::require(&policy::ENROL, held, tx.caller())?)
}

/// Returns the cycle, when people can still be enrolled in it.
async fn taking(tx: &mut Tx, id: CycleId) -> Result<Cycle> {
    let cycle = visible(tx, id).await?;
    if cycle.state.takes_people() { Ok(cycle) } else { Err(Error::field("cycle", "cycle_closed")) }
}

/// Returns the card of whoever is meant, when nothing else is wrong; a newcomer's is made.
async fn settle(tx: &mut Tx, whom: Whom, mut faults: Vec<FieldError>) -> Result<Person> {
    let newcomer = match whom {
        Whom::Known(id) => match people::find(tx, id).await? {
            Some(person) if faults.is_empty() => return Ok(person),
            Some(_) => return Err(faults.into()),
            None => {
                faults.push(FieldError::new("person", "unknown"));
                return Err(faults.into());
            }
        },
        Whom::New(newcomer) => newcomer,
    };
    faults.extend(taken(tx, &newcomer).await?);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let person = card(tx, newcomer);
    people::keep(tx, std::slice::from_ref(&person)).await?;
    Ok(person)
}

/// Returns what of a newcomer somebody of the university has: who has a known number or address is no newcomer.
async fn taken(tx: &mut Tx, newcomer: &Newcomer) -> Result<Vec<FieldError>> {
    let mut taken = Vec::new();
    if !newcomer.email.is_empty() && people::find_by_email(tx, &newcomer.email).await?.is_some() {
        taken.push(FieldError::new("email", "known_person"));
    }
    if !newcomer.number.is_empty() && people::find_by_number(tx, &newcomer.number).await?.is_some() {
        taken.push(FieldError::new("number", "known_person"));
    }
    Ok(taken)
}

fn card(tx: &Tx, newcomer: Newcomer) -> Person {
    let name = newcomer.name();
    let Newcomer { family_name, given_name, email, number } = newcomer;
    let number = Some(number).filter(|number| !number.is_empty());
    Person { id: tx.id(), number, family_name, given_name, name, email, changed_at: tx.now() }
}

/// Writes down that somebody was enrolled, and tells identity.
async fn tell(tx: &mut Tx, cycle: CycleId, card: Person, role: &str) -> Result<PersonId> {
    let Person { id, number, family_name, given_name, email, .. } = card;
    record::write(tx, &policy::ENROL, ("person", id), &json!({ "cycle": cycle, "as": role })).await?;
    let participant = RosterPerson {
        person: id,
        numbers: number.into_iter().collect(),
        family_name,
        given_name,
        email: Some(email).filter(|email| !email.is_empty()),
        language: None,
        role: role.to_owned(),
        scope: Scope::Tenant,
    };
    let (enrolled_by, enrolled_at) = super::case::by_and_when(tx);
    messaging::emit(tx, &ParticipantEnrolled { cycle, participant, enrolled_by, enrolled_at }).await?;
    Ok(id)
}
