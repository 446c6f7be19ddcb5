//! One effect per idempotency key (INV-8): the key, the request's fingerprint and its answer live beside the data they protect.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use base::{Id, Once};

use crate::{Error, Result, Tx, database::Work, params, statements};

statements! {
    /// Takes the key; changes no row when it is taken already, after waiting for whoever is taking it.
    TAKE: write [idempotency_key] = "INSERT INTO idempotency_key (tenant_id, principal, key, fingerprint, answer, created_at) \
        VALUES ($1, $2, $3, $4, NULL, $5) ON CONFLICT DO NOTHING";
    /// Finds the answer given before.
    FIND: read [idempotency_key] = "SELECT fingerprint, answer FROM idempotency_key WHERE tenant_id = $1 AND principal = $2 AND key = $3";
    /// Keeps the answer.
    KEEP: write [idempotency_key] = "UPDATE idempotency_key SET answer = $4 WHERE tenant_id = $1 AND principal = $2 AND key = $3";
    /// Forgets old answers.
    FORGET: system [idempotency_key] = "DELETE FROM idempotency_key WHERE created_at < $1";
}

/// Runs `work` unless the key was seen before, and then answers what it answered.
pub(crate) async fn run<T, E, W>(tx: &mut Tx, once: Once, work: W) -> std::result::Result<T, E>
where
    W: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send,
    T: Serialize + DeserializeOwned + Send,
    E: From<Error> + Send,
{
    let principal = tx.caller().person_id().map(Id::uuid).unwrap_or_default();
    let now = tx.now();
    let taken = tx.execute(&TAKE, params![principal, &once.key, &once.fingerprint, now]).await?;
    if taken == 0 {
        let (fingerprint, answer): (Vec<u8>, Option<String>) =
            tx.fetch_one(&FIND, params![principal, &once.key]).await?;
        if fingerprint != once.fingerprint {
            return Err(Error::KeyReused.into());
        }
        let answer = answer.ok_or(Error::Contended)?;
        return serde_json::from_str(&answer).map_err(|error| unreadable(error).into());
    }
    let value = work(tx).await?;
    let answer = serde_json::to_string(&value).map_err(unreadable)?;
    tx.execute(&KEEP, params![principal, &once.key, &answer]).await?;
    Ok(value)
}

/// Forgets answers older than `age`.
pub(crate) async fn forget(tx: &mut Tx, age: Duration) -> Result<u64> {
    let before = tx.now().minus(age);
    tx.execute(&FORGET, params![before]).await
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::Engine { statement: "storage::once", source: Box::new(error) }
}
