//! The clock's reconciler: what falls due, is missed or lapses, in every university, again and again.
//!
//! Idempotent and without input: a pass that is cut off is finished by the next one.

use std::time::Duration;

use base::Caller;
use futures_util::FutureExt;
use storage::Database;
use tracing::{info, warn};

use crate::actions::keep_time::{Kept, keep_time};

/// Time between two passes.
pub const INTERVAL: Duration = Duration::from_mins(1);

/// Most units of work for one university in one pass.
const ROUNDS_MAX: u32 = 500;

/// Runs one pass over all universities. One that fails is tried again by the next pass and does not hold up the others.
pub async fn pass(db: &Database) {
    for tenant in db.directory().tenants() {
        let caller = Caller::system(tenant.id, "projects.time", db.ambient().id());
        for _ in 0..ROUNDS_MAX {
            match db.write(&caller, |tx| keep_time(tx).boxed()).await {
                Ok(kept) => {
                    report(&caller, kept);
                    if !kept.is_full() {
                        break;
                    }
                }
                Err(error) => {
                    warn!(tenant.id = %caller.tenant(), error = &error as &dyn std::error::Error, "time was not kept");
                    break;
                }
            }
        }
    }
}

/// Runs passes for ever; the task that this runs in ends it.
pub async fn run(db: Database) {
    loop {
        pass(&db).await;
        tokio::time::sleep(INTERVAL).await;
    }
}

fn report(caller: &Caller, kept: Kept) {
    if kept != Kept::default() {
        let Kept { fallen_due, missed, lapsed } = kept;
        info!(tenant.id = %caller.tenant(), fallen_due, missed, lapsed, "time was kept");
    }
}
