//! Files handed in. Rows are only ever added: what was handed in stays as it was.

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::ids::{FileId, MilestoneId, ProjectId, SubmissionId};

record! {
    /// A file handed in, with the name of whoever did.
    Submission {
        id: SubmissionId,
        project_id: ProjectId,
        milestone_id: Option<MilestoneId>,
        version: u32,
        file_id: FileId,
        file_name: String,
        size_bytes: i64,
        sha256: Vec<u8>,
        receipt: String,
        declarations: String,
        late: bool,
        submitted_by: PersonId,
        submitted_by_name: String,
        submitted_at: Timestamp,
    }
}

statements! {
    /// Lists what was handed in for a project, in order.
    OF_PROJECT: read [submission, person] = "SELECT s.id, s.project_id, s.milestone_id, s.version, s.file_id, s.file_name, s.size_bytes, s.sha256,
        s.receipt, s.declarations, s.late, s.submitted_by, COALESCE(p.name, ''), s.submitted_at
        FROM submission s LEFT JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.submitted_by
        WHERE s.tenant_id = $1 AND s.project_id = $2 ORDER BY s.submitted_at, s.id LIMIT 2000";
    /// Finds one submission.
    FIND: read [submission, person] = "SELECT s.id, s.project_id, s.milestone_id, s.version, s.file_id, s.file_name, s.size_bytes, s.sha256,
        s.receipt, s.declarations, s.late, s.submitted_by, COALESCE(p.name, ''), s.submitted_at
        FROM submission s LEFT JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.submitted_by
        WHERE s.tenant_id = $1 AND s.id = $2";
    /// Adds a submission.
    INSERT: write [submission] = "INSERT INTO submission (tenant_id, id, project_id, milestone_id, version, file_id, file_name, size_bytes, sha256,
        receipt, declarations, late, submitted_by, submitted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
}

/// Returns what was handed in for a project, the first first.
pub async fn of_project(tx: &mut Tx, project: ProjectId) -> Result<Vec<Submission>> {
    tx.fetch(&OF_PROJECT, params![project]).await
}

/// Returns one submission.
pub async fn find(tx: &mut Tx, id: SubmissionId) -> Result<Option<Submission>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Adds a submission; its receipt is unique.
pub async fn insert(tx: &mut Tx, submission: &Submission) -> Result<()> {
    let parameters = params![
        submission.id,
        submission.project_id,
        submission.milestone_id,
        submission.version,
        submission.file_id,
        &submission.file_name,
        submission.size_bytes,
        &submission.sha256,
        &submission.receipt,
        &submission.declarations,
        submission.late,
        submission.submitted_by,
        submission.submitted_at,
    ];
    tx.execute(&INSERT, parameters).await.map(drop)
}
