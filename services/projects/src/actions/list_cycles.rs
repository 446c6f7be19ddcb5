//! List cycles, and find the one meant when none is named.

use base::{Page, PageRequest};
use contracts::roles::{ADMINISTRATOR, COORDINATES};
use storage::Tx;

use super::relations;
use crate::{
    error::{Error, Result},
    model::{cycle::State, ids::CycleId},
    policy,
    store::{cycles, cycles::Cycle, participants},
};

/// Returns the cycles in this state, or all, the newest first; drafts show to coordinators alone.
pub async fn list_cycles(tx: &mut Tx, state: Option<State>, page: &PageRequest) -> Result<Page<Cycle>> {
    let subjects = relations::to_university(tx);
    access::require(&policy::LIST_CYCLES, subjects, tx.caller())?;
    let mut cycles = cycles::list(tx, state, page).await?;
    if !subjects.meets(COORDINATES.or(ADMINISTRATOR)) {
        cycles.items.retain(|cycle| cycle.state != State::Draft);
    }
    Ok(cycles)
}

/// Returns a cycle that the caller may know of.
pub async fn visible(tx: &mut Tx, id: CycleId) -> Result<Cycle> {
    let subjects = relations::to_university(tx);
    let cycle = cycles::find(tx, id).await?.ok_or(Error::NotFound("cycle"))?;
    let known = cycle.state != State::Draft || subjects.meets(COORDINATES.or(ADMINISTRATOR).or(access::SYSTEM));
    if known { Ok(cycle) } else { Err(Error::NotFound("cycle")) }
}

/// Returns the cycle that a page is about: the one named, else an open one that the caller studies in, else the open one,
/// else the newest that the caller may know of.
pub async fn meant(tx: &mut Tx, named: Option<CycleId>) -> Result<Option<Cycle>> {
    if let Some(id) = named {
        return visible(tx, id).await.map(Some);
    }
    if let Some(person) = tx.caller().person_id() {
        for id in participants::cycles_of_student(tx, person).await? {
            if let Some(cycle) = cycles::find(tx, id).await?.filter(|cycle| cycle.state == State::Open) {
                return Ok(Some(cycle));
            }
        }
    }
    match cycles::current(tx).await? {
        Some(open) => Ok(Some(open)),
        None => Ok(list_cycles(tx, None, &PageRequest::default()).await?.items.into_iter().next()),
    }
}
