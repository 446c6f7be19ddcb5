//! Password hashes.

use base::PersonId;
use storage::{Result, Tx, params, statements};

statements! {
    /// Finds a person's hash.
    FIND: read [password] = "SELECT hash FROM password WHERE tenant_id = $1 AND person_id = $2";
    /// Sets a person's hash.
    SET: write [password] = "INSERT INTO password (tenant_id, person_id, hash, changed_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (tenant_id, person_id) DO UPDATE SET hash = $3, changed_at = $4";
}

pub(crate) async fn find(tx: &mut Tx, person: PersonId) -> Result<Option<String>> {
    let row: Option<(String,)> = tx.fetch_optional(&FIND, params![person]).await?;
    Ok(row.map(|(hash,)| hash))
}

pub(crate) async fn set(tx: &mut Tx, person: PersonId, hash: &str) -> Result<()> {
    let now = tx.now();
    tx.execute(&SET, params![person, hash, now]).await.map(|_| ())
}
