//! Rename a milestone template. What it plans stays: the projects of a cycle are planned by it when they start.

use base::text;
use serde_json::json;
use storage::Tx;

use super::{create_programme::taken, record, relations};
use crate::{
    error::{Error, Result},
    model::{ids::TemplateId, topic},
    policy,
    store::templates::{self, Template},
};

#[derive(Debug, Clone)]
pub struct RenameTemplate {
    pub template: TemplateId,
    /// The version that the caller saw.
    pub version: i64,
    pub name: String,
}

/// Returns a template to whoever may rename it.
pub async fn prepare_rename(tx: &mut Tx, id: TemplateId) -> Result<Template> {
    access::require(&policy::RENAME_TEMPLATE, relations::to_university(tx), tx.caller())?;
    templates::find(tx, id).await?.ok_or(Error::NotFound("template"))
}

/// Renames a template, and returns its new version; its name is unique.
pub async fn rename_template(tx: &mut Tx, command: RenameTemplate) -> Result<i64> {
    let before = prepare_rename(tx, command.template).await?;
    if before.version != command.version {
        return Err(Error::Stale { current: before.version });
    }
    let name =
        text::line(&command.name, topic::TITLE_CHARS_MAX).map_err(|refused| Error::field("name", refused.reason()))?;
    if !templates::rename(tx, before.id, before.version, &name).await.map_err(|error| taken(error, "name"))? {
        return Err(Error::Stale { current: before.version + 1 });
    }
    record::write(tx, &policy::RENAME_TEMPLATE, ("milestone_template", before.id), &json!({})).await?;
    Ok(before.version + 1)
}
