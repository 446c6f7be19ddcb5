//! Change a cycle that is still a draft: its name, dates, milestones and rules. What an import made begins so.
//!
//! Once it is open, one thing can still be given to it: the milestone template that it has none of. Projects that start
//! later are planned by it, so nothing that runs changes.

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

/// Returns a cycle and the milestone templates to choose from, to those who may change it.
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
    let name = match before.state {
        State::Draft => checked(tx, &command.to).await?,
        _ => return plan_cycle(tx, before, command.to).await,
    };
    let CreateCycle { dates, template_id, policy, .. } = command.to;
    let cycle = Cycle { name, dates, template_id, policy, ..before };
    if !cycles::change(tx, &cycle).await.map_err(|error| taken(error, "name"))? {
        return Err(Error::Stale { current: cycle.version + 1 });
    }
    record::write(tx, &policy::CHANGE_CYCLE, ("cycle", cycle.id), &json!({})).await?;
    Ok(cycle.version + 1)
}

/// Gives an open cycle its first template. Whatever else is to change, it is too late for.
async fn plan_cycle(tx: &mut Tx, before: Cycle, to: CreateCycle) -> Result<i64> {
    let Some(template) = to.template_id.filter(|_| before.can_be_planned()) else {
        return Err(Error::field("cycle", "cycle_opened"));
    };
    let name = checked(tx, &to).await?;
    if (name, to.dates, to.policy) != (before.name, before.dates, before.policy) {
        return Err(Error::field("cycle", "cycle_opened"));
    }
    if !cycles::plan(tx, before.id, before.version, template).await? {
        return Err(Error::Stale { current: before.version + 1 });
    }
    record::write(tx, &policy::CHANGE_CYCLE, ("cycle", before.id), &json!({ "template": template })).await?;
    Ok(before.version + 1)
}
