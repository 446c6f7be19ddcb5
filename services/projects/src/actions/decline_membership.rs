//! Decline to be a member of a project that somebody else named one for.

use contracts::events::projects::MembershipDeclined;
use serde_json::json;
use storage::Tx;

use super::{
    case::{Case, by_and_when, person},
    record,
};
use crate::{
    error::{Error, Result},
    model::ids::ProjectId,
    policy,
    store::{counters, members, projects},
};

/// Takes the caller out of a project that they never confirmed, and frees them for another. The project goes on without
/// them, and the other members are told.
pub async fn decline_membership(tx: &mut Tx, project: ProjectId) -> Result<()> {
    let mut case = Case::load(tx, project, &policy::DECLINE).await?;
    let person = person(tx)?;
    if case.project.state.is_over() {
        return Err(Error::field("project", "project_over"));
    }
    if !members::remove_unconfirmed(tx, project, person).await? {
        return Err(Error::field("project", "membership_confirmed"));
    }
    counters::free_student(tx, case.cycle.id, person, project).await?;
    projects::touch(tx, project).await?;
    record::write(tx, &policy::DECLINE, ("project", project), &json!({ "person": person })).await?;
    let leaving = case.members.iter().position(|member| member.person_id == person);
    let name = leaving.map(|index| case.members.remove(index).name).unwrap_or_default();
    let (by, happened_at) = by_and_when(tx);
    messaging::emit(tx, &MembershipDeclined { card: case.card(), by, happened_at, member_name: name }).await?;
    Ok(())
}
