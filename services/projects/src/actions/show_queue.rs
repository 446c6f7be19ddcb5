//! Show a supervisor's queue: what waits for them, and all that they supervise.

use storage::Tx;

use super::{case::person, relations};
use crate::{
    error::Result,
    policy,
    store::{
        milestones::{self, MilestoneRow},
        projects::{self, ProjectRow},
    },
};

#[derive(Debug, Clone)]
pub struct Queue {
    pub projects: Vec<ProjectRow>,
    /// Milestones handed in and not yet seen to, the longest waiting first.
    pub milestones: Vec<MilestoneRow>,
}

/// Returns the caller's queue.
pub async fn show_queue(tx: &mut Tx) -> Result<Queue> {
    access::require(&policy::READ_QUEUE, relations::anywhere(tx), tx.caller())?;
    let person = person(tx)?;
    let projects = projects::of_supervisor(tx, person).await?;
    Ok(Queue { projects, milestones: milestones::for_supervisor(tx, person).await? })
}
