//! Delete a milestone template that no cycle is planned by.

use serde_json::json;
use storage::Tx;

use super::{record, relations};
use crate::{
    error::{Error, Result},
    model::ids::TemplateId,
    policy,
    store::templates::{self, Template},
};

#[derive(Debug, Clone)]
pub struct DeleteTemplate {
    pub template: TemplateId,
    /// The version that the caller saw; without it, the caller does not mind.
    pub version: Option<i64>,
}

/// Returns a template to whoever may delete it.
pub async fn prepare_deletion(tx: &mut Tx, id: TemplateId) -> Result<Template> {
    access::require(&policy::DELETE_TEMPLATE, relations::to_university(tx), tx.caller())?;
    templates::find(tx, id).await?.ok_or(Error::NotFound("template"))
}

/// Deletes a template with its milestones. A cycle has no copy of them, so one that names the template keeps it.
pub async fn delete_template(tx: &mut Tx, command: DeleteTemplate) -> Result<()> {
    let template = prepare_deletion(tx, command.template).await?;
    if command.version.is_some_and(|seen| seen != template.version) {
        return Err(Error::Stale { current: template.version });
    }
    let deleted = templates::delete(tx, template.id, template.version).await.map_err(|error| match error {
        storage::Error::Reference => Error::field("template", "template_in_use"),
        other => other.into(),
    })?;
    if !deleted {
        return Err(Error::Stale { current: template.version + 1 });
    }
    record::write(tx, &policy::DELETE_TEMPLATE, ("milestone_template", template.id), &json!({})).await?;
    Ok(())
}
