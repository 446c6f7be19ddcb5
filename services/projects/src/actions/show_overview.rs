//! Show a cycle in figures: how far its projects are, and where they wait.

use storage::Tx;

use super::{list_cycles::visible, relations};
use crate::{
    error::Result,
    model::{ids::CycleId, topic},
    policy,
    store::{
        cycles::Cycle,
        overview::{self, Bottleneck, StateCount, Students},
    },
};

#[derive(Debug, Clone)]
pub struct Overview {
    pub cycle: Cycle,
    /// In the order of a project's life.
    pub states: Vec<StateCount>,
    pub topics: Vec<(topic::State, i64)>,
    pub students: Students,
    pub bottlenecks: Vec<Bottleneck>,
    /// Milestones of running projects past their deadline.
    pub overdue: i64,
}

/// Returns the figures of a cycle.
pub async fn show_overview(tx: &mut Tx, cycle: CycleId) -> Result<Overview> {
    access::require(&policy::OVERSEE_CYCLE, relations::to_university(tx), tx.caller())?;
    let cycle = visible(tx, cycle).await?;
    let mut states = overview::by_state(tx, cycle.id).await?;
    states.sort_by_key(|one| one.state);
    Ok(Overview {
        topics: overview::topics(tx, cycle.id).await?,
        students: overview::students(tx, cycle.id).await?,
        bottlenecks: overview::bottlenecks(tx, cycle.id).await?,
        overdue: overview::overdue(tx, cycle.id).await?,
        states,
        cycle,
    })
}
