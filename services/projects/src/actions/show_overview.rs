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
        programmes::{self, Programme},
    },
};

#[derive(Debug, Clone)]
pub struct Overview {
    pub cycle: Cycle,
    /// The programmes that the figures are of; none when they are of the whole university.
    pub programmes: Vec<Programme>,
    /// In the order of a project's life.
    pub states: Vec<StateCount>,
    pub topics: Vec<(topic::State, i64)>,
    pub students: Students,
    pub bottlenecks: Vec<Bottleneck>,
    /// Milestones of running projects past their deadline.
    pub overdue: i64,
}

/// Returns the figures of a cycle, of what the caller sees in the lists.
pub async fn show_overview(tx: &mut Tx, cycle: CycleId) -> Result<Overview> {
    access::require(&policy::OVERSEE_CYCLE, relations::anywhere(tx), tx.caller())?;
    let cycle = visible(tx, cycle).await?;
    let overseen = relations::role_sight(tx, &policy::OVERSEE_CYCLE);
    let projects = relations::project_sight(tx, &policy::READ_PROJECT);
    let topics = relations::topic_sight(tx, &policy::CHANGE_TOPIC);
    let mut states = overview::by_state(tx, cycle.id, &projects).await?;
    states.sort_by_key(|one| one.state);
    let mut programmes = programmes::list(tx).await?;
    programmes.retain(|programme| overseen.programmes().any(|seen| seen == programme.id));
    Ok(Overview {
        topics: overview::topics(tx, cycle.id, &topics).await?,
        students: overview::students(tx, cycle.id, &overseen).await?,
        bottlenecks: overview::bottlenecks(tx, cycle.id, &projects).await?,
        overdue: overview::overdue(tx, cycle.id, &projects).await?,
        states,
        programmes,
        cycle,
    })
}
