//! Who takes part in a cycle: students with their programme, supervisors with their quotas.

use base::PersonId;
use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::ids::{CycleId, ProgrammeId, ProjectId};

record! {
    /// A student in a cycle.
    Student {
        person_id: PersonId,
        programme_id: ProgrammeId,
        classroom: String,
        gpa_points: Option<i64>,
        project_id: Option<ProjectId>,
    }
}

record! {
    /// A supervisor in a cycle, with the card's name.
    Supervisor {
        person_id: PersonId,
        name: String,
        number: Option<String>,
        title: String,
        supervise_max: u32,
        chair_max: u32,
        examine_max: u32,
        supervising: u32,
        areas: String,
    }
}

impl Supervisor {
    /// Returns the areas of work.
    pub fn areas(&self) -> Vec<String> {
        serde_json::from_str(&self.areas).unwrap_or_default()
    }
}

statements! {
    /// Finds a student of a cycle.
    STUDENT: read [student] = "SELECT person_id, programme_id, classroom, gpa_points, project_id FROM student
        WHERE tenant_id = $1 AND cycle_id = $2 AND person_id = $3";
    /// Finds the cycles that a person is a student in.
    CYCLES_OF_STUDENT: read [student] = "SELECT cycle_id FROM student WHERE tenant_id = $1 AND person_id = $2";
    /// Finds a supervisor of a cycle.
    SUPERVISOR: read [supervisor, person] = "SELECT s.person_id, COALESCE(p.name, ''), p.number, s.title, s.supervise_max, s.chair_max, s.examine_max, s.supervising, s.areas
        FROM supervisor s LEFT JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id
        WHERE s.tenant_id = $1 AND s.cycle_id = $2 AND s.person_id = $3";
    /// Lists the supervisors of a cycle; a faculty has hundreds at most.
    SUPERVISORS: read [supervisor, person] = "SELECT s.person_id, COALESCE(p.name, ''), p.number, s.title, s.supervise_max, s.chair_max, s.examine_max, s.supervising, s.areas
        FROM supervisor s LEFT JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id
        WHERE s.tenant_id = $1 AND s.cycle_id = $2 ORDER BY 2, s.person_id LIMIT 1000";
    /// Makes a student of a cycle.
    KEEP_STUDENT: write [student] = "INSERT INTO student (tenant_id, cycle_id, person_id, programme_id, classroom, gpa_points, project_id)
        VALUES ($1, $2, $3, $4, $5, $6, NULL)
        ON CONFLICT (tenant_id, cycle_id, person_id) DO UPDATE SET programme_id = excluded.programme_id,
            classroom = excluded.classroom, gpa_points = excluded.gpa_points";
    /// Makes a supervisor of a cycle.
    KEEP_SUPERVISOR: write [supervisor] = "INSERT INTO supervisor (tenant_id, cycle_id, person_id, title, supervise_max, chair_max,
        examine_max, supervising, chairing, examining, areas) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8)
        ON CONFLICT (tenant_id, cycle_id, person_id) DO UPDATE SET title = excluded.title, supervise_max = excluded.supervise_max,
            chair_max = excluded.chair_max, examine_max = excluded.examine_max, areas = excluded.areas";
}

/// A supervisor as a coordinator enrols them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSupervisor {
    pub person_id: PersonId,
    pub title: String,
    pub supervise_max: u32,
    pub chair_max: u32,
    pub examine_max: u32,
    /// JSON list of texts.
    pub areas: String,
}

/// Returns a student of a cycle.
pub async fn student(tx: &mut Tx, cycle: CycleId, person: PersonId) -> Result<Option<Student>> {
    tx.fetch_optional(&STUDENT, params![cycle, person]).await
}

/// Returns the cycles that a person is a student in.
pub async fn cycles_of_student(tx: &mut Tx, person: PersonId) -> Result<Vec<CycleId>> {
    let rows: Vec<(CycleId,)> = tx.fetch(&CYCLES_OF_STUDENT, params![person]).await?;
    Ok(rows.into_iter().map(|(cycle,)| cycle).collect())
}

/// Returns a supervisor of a cycle.
pub async fn supervisor(tx: &mut Tx, cycle: CycleId, person: PersonId) -> Result<Option<Supervisor>> {
    tx.fetch_optional(&SUPERVISOR, params![cycle, person]).await
}

/// Returns the supervisors of a cycle, by name.
pub async fn supervisors(tx: &mut Tx, cycle: CycleId) -> Result<Vec<Supervisor>> {
    tx.fetch(&SUPERVISORS, params![cycle]).await
}

/// Enrols students, or changes what is known of them; nobody loses a project by it.
pub async fn keep_students(tx: &mut Tx, cycle: CycleId, students: &[Student]) -> Result<()> {
    let rows: Vec<_> = students
        .iter()
        .map(|student| {
            params![cycle, student.person_id, student.programme_id, &student.classroom, student.gpa_points].to_vec()
        })
        .collect();
    tx.execute_many(&KEEP_STUDENT, &rows).await.map(drop)
}

/// Enrols supervisors, or changes their quotas; what they have taken on stays counted.
pub async fn keep_supervisors(tx: &mut Tx, cycle: CycleId, supervisors: &[NewSupervisor]) -> Result<()> {
    let rows: Vec<_> = supervisors
        .iter()
        .map(|one| {
            let NewSupervisor { person_id, title, supervise_max, chair_max, examine_max, areas } = one;
            params![cycle, *person_id, title, *supervise_max, *chair_max, *examine_max, areas].to_vec()
        })
        .collect();
    tx.execute_many(&KEEP_SUPERVISOR, &rows).await.map(drop)
}
