//! The clock's reconciler: what falls due, is missed or lapses, in every university, again and again.
//!
//! Idempotent and without input: a pass that is cut off is finished by the next one, and two nodes that pass at once do
//! each thing once, because every step names the version that it starts from.

use std::time::Duration;

use base::Caller;
use futures_util::FutureExt;
use runtime::{OnError, Shutdown, TaskKind};
use storage::Database;
use tracing::{info, warn};

use crate::{
    Result,
    actions::keep_time::{Kept, is_behind, keep_time},
};

const KEEPER: TaskKind = TaskKind::new("projects-time-keeper", OnError::Log).aborted();
const INTERVAL: Duration = Duration::from_mins(1);
/// Most units of work for one university in one pass; the next pass goes on.
const ROUNDS_MAX: u32 = 500;

/// Starts the task that keeps time.
pub fn start(db: &Database, shutdown: &Shutdown) {
    let db = db.clone();
    shutdown.spawn(KEEPER, async move { for_ever(&db).await });
}

async fn for_ever(db: &Database) {
    loop {
        pass(db).await;
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Runs one pass over all universities. One that fails is tried again by the next pass and does not hold up the others.
pub async fn pass(db: &Database) {
    for tenant in db.directory().tenants() {
        let caller = Caller::system(tenant.id, "projects.time", db.ambient().id());
        if let Err(error) = keep(db, &caller).await {
            warn!(tenant.id = %tenant.id, error = runtime::chain(&error), "time was not kept");
        }
    }
}

async fn keep(db: &Database, caller: &Caller) -> Result<()> {
    for _ in 0..ROUNDS_MAX {
        // Most minutes nothing is behind, and the writer's queue is left alone.
        if !db.read(caller, |tx| is_behind(tx).boxed()).await? {
            break;
        }
        let kept = db.write(caller, |tx| keep_time(tx).boxed()).await?;
        report(caller, kept);
        if !kept.is_full() {
            break;
        }
    }
    Ok(())
}

fn report(caller: &Caller, kept: Kept) {
    if kept != Kept::default() {
        let Kept { fallen_due, missed, lapsed } = kept;
        info!(tenant.id = %caller.tenant(), fallen_due, missed, lapsed, "time was kept");
    }
}
