//! List a cycle's projects.

use base::{Page, PageRequest};
use contracts::roles::{ADMINISTRATOR, COORDINATES};
use storage::Tx;

use super::{list_cycles::visible, relations};
use crate::{
    error::Result,
    model::ids::CycleId,
    policy,
    store::projects::{self, Filter, ProjectRow},
};

/// Returns a page of a cycle's projects: all for coordinators and administrators, for others those they have a part in.
pub async fn list_projects(
    tx: &mut Tx,
    cycle: CycleId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<ProjectRow>> {
    let subjects = relations::to_university(tx);
    access::require(&policy::LIST_PROJECTS, subjects, tx.caller())?;
    visible(tx, cycle).await?;
    let all = subjects.meets(COORDINATES.or(ADMINISTRATOR));
    Ok(projects::list(tx, cycle, filter, all, page).await?)
}
