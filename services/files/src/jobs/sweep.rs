//! A reconciler: removes what uploads left behind. It may run at any time, on any number of nodes at once.
//!
//! Three things are left behind: the beginning of a file in the folder, by a crash; the row of a file whose bytes did not
//! come; and a file that nobody handed in for days. A row goes in two steps, so that a crash between
//! the bytes and the row is mended by the next sweep.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base::{TenantId, Timestamp};
use contracts::ids::FileId;
use futures_util::FutureExt;
use runtime::{OnError, Shutdown, TaskKind};
use tracing::{info, warn};

use crate::{
    Files,
    error::{Error, Result},
    store::files,
};

/// Time between two sweeps.
const EVERY: Duration = Duration::from_hours(1);
/// An upload that has not ended after this never will.
const UPLOAD_TIME_MAX: Duration = Duration::from_hours(24);
/// A ticket is good for a day, and word of its use needs some time to come.
const UNCLAIMED_DAYS_MIN: u16 = 2;
/// Rows of one step.
const ROWS_MAX: u32 = 500;
const DAY: Duration = Duration::from_hours(24);
const TASK: TaskKind = TaskKind::new("files-sweep", OnError::Log).aborted();

/// Sweeps now and every hour until the node ends.
pub fn start(files: Files, shutdown: &Shutdown) {
    shutdown.spawn(TASK, keep_sweeping(files));
}

async fn keep_sweeping(files: Files) {
    loop {
        match sweep(&files).await {
            Ok(0) => {}
            Ok(removed) => info!(files.removed = removed, "files left behind were removed"),
            Err(error) => warn!(error = runtime::chain(&error), "files left behind could not be removed"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Removes what was left behind; returns how many files that were.
pub async fn sweep(files: &Files) -> Result<usize> {
    let now = files.db.ambient().now();
    let (blobs, wall) = (files.blobs.clone(), wall(now));
    let beginnings = tokio::task::spawn_blocking(move || blobs.remove_beginnings(UPLOAD_TIME_MAX, wall));
    let mut removed = beginnings.await.unwrap_or(0);
    for shard in 0..files.db.shards() {
        removed += remove(files, shard, ("receiving", now.minus(UPLOAD_TIME_MAX))).await?;
        let days = u32::from(files.settings.unclaimed_days.max(UNCLAIMED_DAYS_MIN));
        removed += remove(files, shard, ("stored", now.minus(DAY * days))).await?;
        removed += remove(files, shard, ("removing", now)).await?;
    }
    Ok(removed)
}

fn wall(now: Timestamp) -> SystemTime {
    UNIX_EPOCH + now.since(Timestamp::EPOCH)
}

async fn remove(files: &Files, shard: usize, (state, before): (&'static str, Timestamp)) -> Result<usize> {
    let found: Result<Vec<(TenantId, FileId)>> = files
        .db
        .system_read(shard, "files", |tx| {
            async move { Ok(files::left_behind(tx, state, before, ROWS_MAX).await?) }.boxed()
        })
        .await;
    let mut removed = 0;
    for (tenant, id) in found? {
        let condemned: Result<bool, Error> = files
            .db
            .system(shard, "files", move |tx| async move { Ok(files::condemn(tx, tenant, id, state).await?) }.boxed())
            .await;
        if !condemned? {
            continue;
        }
        files.blobs.remove(tenant, id).await?;
        let forgotten: Result<()> = files
            .db
            .system(shard, "files", move |tx| async move { Ok(files::forget(tx, tenant, id).await?) }.boxed())
            .await;
        forgotten?;
        removed += 1;
    }
    Ok(removed)
}
