//! What exports read beside what imports read: projects, with who does and who supervises them.

use std::collections::HashSet;

use storage::{Result, Tx, params, statements};

use super::{
    record::record,
    sight::{Sight, project_in_sight, topic_in_sight},
};
use crate::model::ids::CycleId;

/// Rows of one page.
const PAGE_ROWS: i64 = 10_000;

record! {
    /// A project with one of its members; a project without members comes once.
    ProjectMember {
        number: String,
        title_en: String,
        title_local: String,
        state: String,
        topic_no: Option<String>,
        supervisor_no: Option<String>,
        supervisor: Option<String>,
        student_no: Option<String>,
        student: Option<String>,
    }
}

statements! {
    /// Lists a cycle's projects with their members.
    PROJECTS: read [project, project_member, project_role, student, person, topic] = concat!("SELECT j.number, j.title_en, j.title_local, j.state, t.number, s.number,
        s.name, o.number, o.name FROM project j
        LEFT JOIN topic t ON t.tenant_id = j.tenant_id AND t.id = j.topic_id
        LEFT JOIN person s ON s.tenant_id = j.tenant_id AND s.id = j.supervisor_id
        LEFT JOIN project_member l ON l.tenant_id = j.tenant_id AND l.project_id = j.id
        LEFT JOIN person o ON o.tenant_id = l.tenant_id AND o.id = l.person_id
        WHERE j.tenant_id = $1 AND j.cycle_id = $2 AND j.number > $3 AND j.number <= $4 AND ", project_in_sight!("$5", "$6", "$7"), "
        ORDER BY j.number, o.number");
    /// Lists the numbers of the topics that a list shows.
    TOPIC_NUMBERS: read [topic, topic_programme] = concat!("SELECT t.number FROM topic t
        WHERE t.tenant_id = $1 AND t.cycle_id = $2 AND t.number > $3 AND ", topic_in_sight!("$4", "$5", "$6"), "
        ORDER BY t.number LIMIT $7");
    /// Finds the number of the last project of a page.
    LAST_OF_PAGE: read [project] = "SELECT MAX(number) FROM (SELECT number FROM project
        WHERE tenant_id = $1 AND cycle_id = $2 AND number > $3 ORDER BY number LIMIT $4) AS page";
}

/// Returns a cycle's projects with their members, by number, of those in sight.
pub async fn projects(tx: &mut Tx, cycle: CycleId, sight: &Sight) -> Result<Vec<ProjectMember>> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let (last,): (Option<String>,) = tx.fetch_one(&LAST_OF_PAGE, params![cycle, &after, PAGE_ROWS]).await?;
        let Some(last) = last else { return Ok(rows) };
        let parameters = params![cycle, &after, &last, sight.all, sight.person, &sight.units];
        rows.extend(tx.fetch::<ProjectMember>(&PROJECTS, parameters).await?);
        after = last;
    }
}

/// Returns the numbers of the topics of a cycle that a list shows.
pub async fn topic_numbers(tx: &mut Tx, cycle: CycleId, sight: &Sight) -> Result<HashSet<String>> {
    let mut numbers = HashSet::new();
    let mut after = String::new();
    loop {
        let parameters = params![cycle, &after, sight.all, sight.person, &sight.units, PAGE_ROWS];
        let page: Vec<(String,)> = tx.fetch(&TOPIC_NUMBERS, parameters).await?;
        let Some((last,)) = page.last() else { return Ok(numbers) };
        after.clone_from(last);
        numbers.extend(page.into_iter().map(|(number,)| number));
    }
}
