//! Confirm that one is a member of a project.

use serde_json::json;
use storage::Tx;

use super::{
    case::{Case, person},
    record,
};
use crate::{
    error::{Error, Result},
    model::ids::ProjectId,
    policy,
    store::{members, projects},
};

/// Keeps the caller's word that they belong to the project; saying it twice changes nothing.
pub async fn confirm_membership(tx: &mut Tx, project: ProjectId) -> Result<()> {
    let case = Case::load(tx, project, &policy::CONFIRM).await?;
    let person = person(tx)?;
    if case.project.state.is_over() {
        return Err(Error::field("project", "project_over"));
    }
    if members::confirm(tx, project, person).await? {
        projects::touch(tx, project).await?;
        record::write(tx, &policy::CONFIRM, ("project", project), &json!({ "person": person })).await?;
    }
    Ok(())
}
