//! List a cycle's projects.

use base::{Page, PageRequest};
use storage::Tx;

use super::{list_cycles::visible, relations};
use crate::{
    error::Result,
    model::ids::CycleId,
    policy,
    store::projects::{self, Filter, ProjectRow},
};

/// Returns a page of a cycle's projects: those that the caller may read, no more and no fewer.
pub async fn list_projects(
    tx: &mut Tx,
    cycle: CycleId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<ProjectRow>> {
    access::require(&policy::LIST_PROJECTS, relations::anywhere(tx), tx.caller())?;
    visible(tx, cycle).await?;
    let sight = relations::project_sight(tx, &policy::READ_PROJECT);
    Ok(projects::list(tx, cycle, filter, &sight, page).await?)
}
