//! What is known of each file.

use base::{PersonId, TenantId, Timestamp};
use contracts::ids::FileId;
use storage::{Decode, Result, Row, Tx, Value, params, statements};

/// A file as kept, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub id: FileId,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub sha256: [u8; 32],
    pub uploaded_by: PersonId,
    pub created_at: Timestamp,
}

impl Decode for File {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            name: row.take()?,
            media_type: row.take()?,
            size_bytes: row.take()?,
            sha256: row.take()?,
            uploaded_by: row.take()?,
            created_at: row.take()?,
        })
    }
}

statements! {
    /// Finds a file that is whole.
    FIND: read [stored_file] = "SELECT id, name, media_type, size_bytes, sha256, uploaded_by, created_at FROM stored_file
        WHERE tenant_id = $1 AND id = $2 AND state = 'stored'";
    /// Adds a file whose bytes are about to come.
    BEGIN: write [stored_file] = "INSERT INTO stored_file (tenant_id, id, state, name, media_type, size_bytes, sha256, uploaded_by,
        created_at, claimed_at) VALUES ($1, $2, 'receiving', '', '', 0, $3, $4, $5, NULL)";
    /// Adds a file that was handed in long ago.
    KEPT: write [stored_file] = "INSERT INTO stored_file (tenant_id, id, state, name, media_type, size_bytes, sha256, uploaded_by,
        created_at, claimed_at) VALUES ($1, $2, 'stored', $3, $4, $5, $6, $7, $8, $8)";
    /// Says that a file is whole.
    FINISH: write [stored_file] = "UPDATE stored_file SET state = 'stored', name = $3, media_type = $4, size_bytes = $5, sha256 = $6
        WHERE tenant_id = $1 AND id = $2 AND state = 'receiving'";
    /// Says that a file was handed in.
    CLAIM: write [stored_file] = "UPDATE stored_file SET claimed_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'stored'
        AND claimed_at IS NULL";
    /// Forgets a file whose bytes did not come.
    ABANDON: write [stored_file] = "DELETE FROM stored_file WHERE tenant_id = $1 AND id = $2 AND state = 'receiving'";
    /// Adds up what a person uploaded lately and did not hand in.
    UNCLAIMED: read [stored_file] = "SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM stored_file
        WHERE tenant_id = $1 AND uploaded_by = $2 AND created_at > $3 AND claimed_at IS NULL";
    /// Lists files in a state since before an instant, over all tenants.
    LEFT_BEHIND: system [stored_file] = "SELECT tenant_id, id FROM stored_file
        WHERE state = $1 AND created_at < $2 AND claimed_at IS NULL ORDER BY created_at LIMIT $3";
    /// Decides that a file goes; from then on nobody finds it or hands it in.
    CONDEMN: system [stored_file] = "UPDATE stored_file SET state = 'removing' WHERE tenant_id = $1 AND id = $2 AND state = $3
        AND claimed_at IS NULL";
    /// Forgets a file whose bytes are gone.
    FORGET: system [stored_file] = "DELETE FROM stored_file WHERE tenant_id = $1 AND id = $2 AND state = 'removing'";
}

/// Returns a file that is whole.
pub async fn find(tx: &mut Tx, id: FileId) -> Result<Option<File>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Adds a file whose bytes are about to come.
pub async fn begin(tx: &mut Tx, id: FileId, uploaded_by: PersonId) -> Result<()> {
    let now = tx.now();
    tx.execute(&BEGIN, params![id, &[0_u8; 32], uploaded_by, now]).await.map(drop)
}

/// Adds files that were handed in when they came.
pub async fn insert_kept(tx: &mut Tx, files: &[File]) -> Result<()> {
    let rows: Vec<_> = files.iter().map(kept_row).collect();
    tx.execute_many(&KEPT, &rows).await.map(drop)
}

/// Says that a file is whole; returns false when nothing was begun under its id.
pub async fn finish(tx: &mut Tx, file: &File) -> Result<bool> {
    let File { id, name, media_type, size_bytes, sha256, .. } = file;
    Ok(tx.execute(&FINISH, params![*id, name, media_type, *size_bytes, sha256]).await? == 1)
}

/// Says that a file was handed in at `at`; returns false when it was before, or is not there.
pub async fn claim(tx: &mut Tx, id: FileId, at: Timestamp) -> Result<bool> {
    Ok(tx.execute(&CLAIM, params![id, at]).await? == 1)
}

/// Forgets a file whose bytes did not come.
pub async fn abandon(tx: &mut Tx, id: FileId) -> Result<()> {
    tx.execute(&ABANDON, params![id]).await.map(drop)
}

/// Returns how many bytes a person uploaded since `since` and did not hand in.
pub async fn unclaimed_bytes(tx: &mut Tx, person: PersonId, since: Timestamp) -> Result<i64> {
    Ok(tx.fetch_one::<(i64,)>(&UNCLAIMED, params![person, since]).await?.0)
}

/// Returns files of all tenants that have been in `state` since before `before`, the oldest first.
pub async fn left_behind(tx: &mut Tx, state: &str, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, FileId)>> {
    tx.fetch(&LEFT_BEHIND, params![state, before, limit]).await
}

/// Decides that a file goes; returns false when it is no longer in `state`, or was handed in.
pub async fn condemn(tx: &mut Tx, tenant: TenantId, id: FileId, state: &str) -> Result<bool> {
    Ok(tx.execute(&CONDEMN, params![tenant, id, state]).await? == 1)
}

/// Forgets a file whose bytes are gone.
pub async fn forget(tx: &mut Tx, tenant: TenantId, id: FileId) -> Result<()> {
    tx.execute(&FORGET, params![tenant, id]).await.map(drop)
}

fn kept_row(file: &File) -> Vec<Value<'_>> {
    let File { id, name, media_type, size_bytes, sha256, uploaded_by, created_at } = file;
    params![*id, name, media_type, *size_bytes, sha256, *uploaded_by, *created_at].to_vec()
}
