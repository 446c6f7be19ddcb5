//! What has ended and is of no use any more, over all tenants of a shard.

use base::Timestamp;
use storage::{Result, Tx, params, statements};

statements! {
    /// Forgets sessions that ended.
    SESSIONS: system [session] = "DELETE FROM session WHERE expires_at < $1";
    /// Forgets API tokens that ended.
    TOKENS: system [api_token] = "DELETE FROM api_token WHERE expires_at < $1";
    /// Forgets links that ended.
    LINKS: system [link] = "DELETE FROM link WHERE expires_at < $1";
    /// Forgets attempts that nobody counts any more.
    ATTEMPTS: system [attempt] = "DELETE FROM attempt WHERE window_at < $1";
}

/// Removes what ended before `ended`, and attempts made before `attempted`; returns how many rows.
pub(crate) async fn sweep(tx: &mut Tx, ended: Timestamp, attempted: Timestamp) -> Result<u64> {
    let mut swept = tx.execute(&ATTEMPTS, params![attempted]).await?;
    for statement in [&SESSIONS, &TOKENS, &LINKS] {
        swept += tx.execute(statement, params![ended]).await?;
    }
    Ok(swept)
}
