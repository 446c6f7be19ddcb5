//! Change a cycle that is still a draft: its name, dates, milestones and rules. What an import made begins so.

use serde_json::json;
use storage::Tx;

use super::{
    create_cycle::{CreateCycle, checked, prepare_cycle},
    create_programme::taken,
    list_cycles::visible,
    record, relations,
};
use crate::{
    error::{Error, Result},
    model::{cycle::State, ids::CycleId},
    policy,
    store::{
        cycles::{self, Cycle},
        templates::Template,
    },
};

#[derive(Debug, Clone)]
pub struct ChangeCycle {
    pub cycle: CycleId,
    /// The version that the caller saw.
    pub version: i64,
    /// What it is to be.
    pub to: CreateCycle,
}

/// Returns a draft and the milestone templates to choose from, to those who may change it.
pub async fn prepare_change(tx: &mut Tx, id: CycleId) -> Result<(Cycle, Vec<Template>)> {
    let templates = prepare_cycle(tx).await?;
    Ok((visible(tx, id).await?, templates))
}

/// Changes a cycle, and returns its new version.
pub async fn change_cycle(tx: &mut Tx, command: ChangeCycle) -> Result<i64> {
    access::require(&policy::CHANGE_CYCLE, relations::to_university(tx), tx.caller())?;
    let before = visible(tx, command.cycle).await?;
    if before.version != command.version {
        return Err(Error::Stale { current: before.version });
    }
    if before.state != State::Draft {
        return Err(Error::field("cycle", "cycle_opened"));
    }
    let name = checked(tx, &command.to).await?;
    let CreateCycle { dates, template_id, policy, .. } = command.to;
    let cycle = Cycle { name, dates, template_id, policy, ..before };
    if !cycles::change(tx, &cycle).await.map_err(|error| taken(error, "name"))? {
        return Err(Error::Stale { current: cycle.version + 1 });
    }
    record::write(tx, &policy::CHANGE_CYCLE, ("cycle", cycle.id), &json!({})).await?;
    Ok(cycle.version + 1)
}
