//! Open, close or archive a cycle.

use contracts::events::projects::CycleOpened;
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::Tx;

use super::{case::by_and_when, record, relations};
use crate::{
    error::{Error, Result},
    model::{
        cycle::{Action, State, TABLE},
        facts::{Facts, Guard},
        ids::CycleId,
        machine,
    },
    policy,
    store::cycles,
};

#[derive(Debug, Clone)]
pub struct MoveCycle {
    pub cycle: CycleId,
    pub action: Action,
    /// The version that the caller saw; `None` when they do not mind.
    pub version: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleMoved {
    pub cycle: CycleId,
    pub state: State,
    pub version: i64,
}

/// Moves a cycle to another state.
pub async fn move_cycle(tx: &mut Tx, command: MoveCycle) -> Result<CycleMoved> {
    let subjects = relations::to_university(tx);
    access::require(&policy::MOVE_CYCLE, subjects, tx.caller())?;
    let cycle = cycles::find(tx, command.cycle).await?.ok_or(Error::NotFound("cycle"))?;
    if command.version.is_some_and(|seen| seen != cycle.version) {
        return Err(Error::Stale { current: cycle.version });
    }
    // The installation itself opens cycles too: a demo, a command.
    let subjects = subjects.with_if(tx.caller().is_system(), contracts::roles::COORDINATES);
    let facts = Facts::of(subjects).with(Guard::DatesInOrder, cycle.dates.faults().is_empty());
    let row = machine::apply(TABLE, cycle.state, command.action, &facts)?;
    if !cycles::set_state(tx, cycle.id, cycle.version, row.to).await? {
        return Err(Error::Stale { current: cycle.version + 1 });
    }
    let detail = json!({ "action": row.action, "from": row.from, "to": row.to });
    record::write(tx, &policy::MOVE_CYCLE, ("cycle", cycle.id), &detail).await?;
    if row.to == State::Open {
        let (opened_by, opened_at) = by_and_when(tx);
        messaging::emit(tx, &CycleOpened { cycle: cycle.id, title: cycle.name, opened_by, opened_at }).await?;
    }
    Ok(CycleMoved { cycle: cycle.id, state: row.to, version: cycle.version + 1 })
}
