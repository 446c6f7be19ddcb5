//! Proposals with their versions, the changes asked for, and the consents given.

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::{
    ids::ProjectId,
    proposal::{ChangeRequest, Text},
};

record! {
    /// One version of a proposal.
    Proposal {
        version: u32,
        title_en: String,
        title_local: String,
        summary: String,
        methods: String,
        submitted_at: Timestamp,
    }
}

statements! {
    /// Lists the versions of a proposal, the newest first.
    LIST: read [proposal] = "SELECT version, title_en, title_local, summary, methods, submitted_at FROM proposal
        WHERE tenant_id = $1 AND project_id = $2 ORDER BY version DESC";
    /// Adds a version.
    INSERT: write [proposal] = "INSERT INTO proposal (tenant_id, project_id, version, title_en, title_local, summary, methods, submitted_by, submitted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Lists the changes asked for in one version.
    CHANGES: read [change_request] = "SELECT position, proposal_version, request, done, answer, asked_at FROM change_request
        WHERE tenant_id = $1 AND project_id = $2 AND proposal_version = $3 ORDER BY position";
    /// Lists the changes ever asked for, the newest first; as many as all versions of a proposal can have.
    EVERY_CHANGE: read [change_request] = "SELECT position, proposal_version, request, done, answer, asked_at FROM change_request
        WHERE tenant_id = $1 AND project_id = $2 ORDER BY position DESC LIMIT 2500";
    /// Counts the changes ever asked for.
    COUNT_CHANGES: read [change_request] = "SELECT COUNT(*) FROM change_request WHERE tenant_id = $1 AND project_id = $2";
    /// Asks for a change.
    ASK: write [change_request] = "INSERT INTO change_request (tenant_id, project_id, position, proposal_version, request, done, answer, asked_by, asked_at, answered_at)
        VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, NULL)";
    /// Keeps the answer to a change.
    ANSWER: write [change_request] = "UPDATE change_request SET done = $4, answer = $5, answered_at = $6
        WHERE tenant_id = $1 AND project_id = $2 AND position = $3";
    /// Finds out whether a version has a consent.
    ENDORSED: read [endorsement] = "SELECT COUNT(*) FROM endorsement WHERE tenant_id = $1 AND project_id = $2 AND proposal_version = $3";
    /// Keeps a consent.
    ENDORSE: write [endorsement] = "INSERT INTO endorsement (tenant_id, project_id, proposal_version, person_id, at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
}

impl storage::Decode for ChangeRequest {
    fn decode(row: &mut storage::Row<'_>) -> Result<Self> {
        let (position, version, request) = (row.take()?, row.take()?, row.take()?);
        Ok(Self { position, version, request, done: row.take()?, answer: row.take()?, asked_at: row.take()? })
    }
}

/// Returns the versions of a proposal, the newest first.
pub async fn list(tx: &mut Tx, project: ProjectId) -> Result<Vec<Proposal>> {
    tx.fetch(&LIST, params![project]).await
}

/// Adds a version.
pub async fn insert(tx: &mut Tx, project: ProjectId, version: u32, text: &Text, by: PersonId) -> Result<()> {
    let now = tx.now();
    let Text { title_en, title_local, summary, methods } = text;
    tx.execute(&INSERT, params![project, version, title_en, title_local, summary, methods, by, now]).await.map(drop)
}

/// Returns the changes asked for in this version.
pub async fn changes(tx: &mut Tx, project: ProjectId, version: u32) -> Result<Vec<ChangeRequest>> {
    tx.fetch(&CHANGES, params![project, version]).await
}

/// Returns the changes ever asked for, the first first.
pub async fn every_change(tx: &mut Tx, project: ProjectId) -> Result<Vec<ChangeRequest>> {
    let mut changes: Vec<ChangeRequest> = tx.fetch(&EVERY_CHANGE, params![project]).await?;
    changes.reverse();
    Ok(changes)
}

/// Asks for changes to this version.
pub async fn ask(tx: &mut Tx, project: ProjectId, version: u32, requests: &[String], by: PersonId) -> Result<()> {
    let (asked,): (i64,) = tx.fetch_one(&COUNT_CHANGES, params![project]).await?;
    let now = tx.now();
    let rows: Vec<_> = requests
        .iter()
        .zip(asked + 1..)
        .map(|(request, position)| params![project, position, version, request, false, by, now].to_vec())
        .collect();
    tx.execute_many(&ASK, &rows).await.map(drop)
}

/// Keeps the answers to changes.
pub async fn answer(tx: &mut Tx, project: ProjectId, changes: &[ChangeRequest]) -> Result<()> {
    let now = tx.now();
    let rows: Vec<_> = changes
        .iter()
        .map(|change| params![project, change.position, change.done, &change.answer, now].to_vec())
        .collect();
    tx.execute_many(&ANSWER, &rows).await.map(drop)
}

/// Returns whether this version has a consent.
pub async fn is_endorsed(tx: &mut Tx, project: ProjectId, version: u32) -> Result<bool> {
    let (consents,): (i64,) = tx.fetch_one(&ENDORSED, params![project, version]).await?;
    Ok(consents > 0)
}

/// Keeps a consent to this version.
pub async fn endorse(tx: &mut Tx, project: ProjectId, version: u32, by: PersonId) -> Result<()> {
    let now = tx.now();
    tx.execute(&ENDORSE, params![project, version, by, now]).await.map(drop)
}
