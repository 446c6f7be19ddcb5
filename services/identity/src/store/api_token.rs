//! API tokens.

use base::PersonId;
use contracts::ids::ApiTokenId;
use storage::{Decode, Result, Row, Tx, params, statements};

use crate::model::api_token::ApiToken;

statements! {
    /// Finds a token by its secret's digest.
    FIND_BY_DIGEST: read [api_token] = "SELECT id, person_id, name, scopes, created_at, used_at, expires_at FROM api_token \
        WHERE tenant_id = $1 AND digest = $2";
    /// Lists a person's tokens, the newest first.
    OF_PERSON: read [api_token] = "SELECT id, person_id, name, scopes, created_at, used_at, expires_at FROM api_token \
        WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at DESC, id DESC";
    /// Counts a person's tokens.
    COUNT: read [api_token] = "SELECT COUNT(*) FROM api_token WHERE tenant_id = $1 AND person_id = $2";
    /// Adds a token.
    INSERT: write [api_token] = "INSERT INTO api_token (tenant_id, id, person_id, name, digest, scopes, created_at, used_at, \
        expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)";
    /// Writes down that a token was used.
    TOUCH: write [api_token] = "UPDATE api_token SET used_at = $3 WHERE tenant_id = $1 AND id = $2";
    /// Revokes a token of a person.
    DELETE: write [api_token] = "DELETE FROM api_token WHERE tenant_id = $1 AND id = $2 AND person_id = $3";
    /// Revokes all tokens of a person.
    DELETE_ALL: write [api_token] = "DELETE FROM api_token WHERE tenant_id = $1 AND person_id = $2";
}

impl Decode for ApiToken {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        let (id, person, name) = (row.take()?, row.take()?, row.take()?);
        let scopes: String = row.take()?;
        Ok(Self {
            id,
            person,
            name,
            scopes: scopes.split(' ').map(str::to_owned).collect(),
            created_at: row.take()?,
            used_at: row.take()?,
            expires_at: row.take()?,
        })
    }
}

pub(crate) async fn find_by_digest(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<ApiToken>> {
    tx.fetch_optional(&FIND_BY_DIGEST, params![digest]).await
}

pub(crate) async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<ApiToken>> {
    tx.fetch(&OF_PERSON, params![person]).await
}

pub(crate) async fn count(tx: &mut Tx, person: PersonId) -> Result<i64> {
    let (count,): (i64,) = tx.fetch_one(&COUNT, params![person]).await?;
    Ok(count)
}

pub(crate) async fn insert(tx: &mut Tx, token: &ApiToken, digest: &[u8; 32]) -> Result<()> {
    let scopes = token.scopes.join(" ");
    let values = params![token.id, token.person, &token.name, digest, &scopes, token.created_at, token.expires_at];
    tx.execute(&INSERT, values).await.map(|_| ())
}

pub(crate) async fn touch(tx: &mut Tx, id: ApiTokenId) -> Result<()> {
    let now = tx.now();
    tx.execute(&TOUCH, params![id, now]).await.map(|_| ())
}

/// Revokes a token of a person; false when there is none.
pub(crate) async fn delete(tx: &mut Tx, person: PersonId, id: ApiTokenId) -> Result<bool> {
    Ok(tx.execute(&DELETE, params![id, person]).await? > 0)
}

pub(crate) async fn delete_all(tx: &mut Tx, person: PersonId) -> Result<u64> {
    tx.execute(&DELETE_ALL, params![person]).await
}
