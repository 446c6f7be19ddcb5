//! What exports read beside what imports read: projects, with who does and who supervises them.

use storage::{Result, Tx, params, statements};

use super::record::record;
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
    PROJECTS: read [project, project_member, person, topic] = "SELECT p.number, p.title_en, p.title_local, p.state, t.number, s.number,
        s.name, m.number, m.name FROM project p
        LEFT JOIN topic t ON t.tenant_id = p.tenant_id AND t.id = p.topic_id
        LEFT JOIN person s ON s.tenant_id = p.tenant_id AND s.id = p.supervisor_id
        LEFT JOIN project_member l ON l.tenant_id = p.tenant_id AND l.project_id = p.id
        LEFT JOIN person m ON m.tenant_id = l.tenant_id AND m.id = l.person_id
        WHERE p.tenant_id = $1 AND p.cycle_id = $2 AND p.number > $3 AND p.number <= $4
        ORDER BY p.number, m.number";
    /// Finds the number of the last project of a page.
    LAST_OF_PAGE: read [project] = "SELECT MAX(number) FROM (SELECT number FROM project
        WHERE tenant_id = $1 AND cycle_id = $2 AND number > $3 ORDER BY number LIMIT $4) AS page";
}

/// Returns a cycle's projects with their members, by number.
pub async fn projects(tx: &mut Tx, cycle: CycleId) -> Result<Vec<ProjectMember>> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let (last,): (Option<String>,) = tx.fetch_one(&LAST_OF_PAGE, params![cycle, &after, PAGE_ROWS]).await?;
        let Some(last) = last else { return Ok(rows) };
        rows.extend(tx.fetch::<ProjectMember>(&PROJECTS, params![cycle, &after, &last]).await?);
        after = last;
    }
}
