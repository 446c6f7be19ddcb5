//! Forget what has ended: sessions, links, API tokens, attempts. Keeps every table as large as its use.

use std::time::Duration;

use futures_util::FutureExt;
use runtime::{OnError, Shutdown, TaskKind};

use crate::{Identity, Result, store};

const SWEEPER: TaskKind = TaskKind::new("identity-sweeper", OnError::Log).aborted();
const NAME: &str = "identity.sweep";
const INTERVAL: Duration = Duration::from_hours(1);
/// How long what ended is still listed where its owner looks for it.
const ENDED_KEPT: Duration = Duration::from_hours(24 * 30);
/// Longer than any window of [`throttle`](crate::model::throttle).
const ATTEMPTS_KEPT: Duration = Duration::from_hours(24);

/// Starts the task that forgets.
pub fn start(identity: &Identity, shutdown: &Shutdown) {
    let identity = identity.clone();
    shutdown.spawn(SWEEPER, async move { for_ever(&identity).await });
}

async fn for_ever(identity: &Identity) {
    loop {
        match sweep(identity).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "ended sessions, links, tokens and attempts removed"),
            Err(error) => tracing::warn!(error = runtime::chain(&error), "what has ended was not removed"),
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Forgets what has ended on every shard; returns how many rows.
pub async fn sweep(identity: &Identity) -> Result<u64> {
    let db = identity.db();
    let now = db.ambient().now();
    let (ended, attempted) = (now.minus(ENDED_KEPT), now.minus(ATTEMPTS_KEPT));
    let mut swept = 0;
    for shard in 0..db.shards() {
        swept += db.system(shard, NAME, move |tx| store::ended::sweep(tx, ended, attempted).boxed()).await?;
    }
    Ok(swept)
}
