//! Create a cycle.

use base::FieldError;
use serde_json::json;
use storage::Tx;

use super::{create_programme::taken, record, relations};
use crate::{
    error::{Error, Result},
    model::{
        cycle::{self, Dates, Policy, State},
        ids::{CycleId, TemplateId},
    },
    policy,
    store::{
        cycles::{self, Cycle},
        templates::{self, Template},
    },
};

#[derive(Debug, Clone)]
pub struct CreateCycle {
    pub name: String,
    pub dates: Dates,
    pub template_id: Option<TemplateId>,
    pub policy: Policy,
}

/// Returns the milestone templates to choose from, to those who may create a cycle.
pub async fn prepare_cycle(tx: &mut Tx) -> Result<Vec<Template>> {
    access::require(&policy::CREATE_CYCLE, relations::to_university(tx), tx.caller())?;
    Ok(templates::list(tx).await?)
}

/// Creates a cycle as a draft; it takes nothing before it is opened.
pub async fn create_cycle(tx: &mut Tx, command: CreateCycle) -> Result<CycleId> {
    access::require(&policy::CREATE_CYCLE, relations::to_university(tx), tx.caller())?;
    let name = checked(tx, &command).await?;
    let CreateCycle { dates, template_id, policy, .. } = command;
    let id: CycleId = tx.id();
    let cycle = Cycle { id, name, state: State::Draft, dates, template_id, policy, version: 1, changed_at: tx.now() };
    cycles::insert(tx, &cycle).await.map_err(|error| taken(error, "name"))?;
    record::write(tx, &policy::CREATE_CYCLE, ("cycle", id), &json!({})).await?;
    Ok(id)
}

/// Returns the name of a cycle that can be as `command` says, or everything that is wrong with it.
pub(super) async fn checked(tx: &mut Tx, command: &CreateCycle) -> Result<String> {
    let mut faults = command.dates.faults();
    faults.extend(command.policy.faults());
    let name = cycle::name(&command.name).unwrap_or_else(|fault| {
        faults.push(fault);
        String::new()
    });
    if let Some(template) = command.template_id
        && templates::find(tx, template).await?.is_none()
    {
        faults.push(FieldError::new("template_id", "unknown"));
    }
    if faults.is_empty() { Ok(name) } else { Err(Error::Invalid(faults)) }
}
