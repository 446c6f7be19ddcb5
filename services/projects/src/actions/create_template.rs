//! Create a milestone template.

use base::{FieldError, text};
use serde_json::json;
use storage::Tx;

use super::{create_programme::taken, record, relations};
use crate::{
    error::Result,
    model::{
        ids::TemplateId,
        milestone::{self, Item},
        topic,
    },
    policy,
    store::templates,
};

#[derive(Debug, Clone)]
pub struct CreateTemplate {
    pub name: String,
    pub items: Vec<Item>,
}

/// Creates a template of milestones; its name is unique.
pub async fn create_template(tx: &mut Tx, command: CreateTemplate) -> Result<TemplateId> {
    access::require(&policy::CREATE_TEMPLATE, relations::to_university(tx), tx.caller())?;
    let name = text::line(&command.name, topic::TITLE_CHARS_MAX)
        .map_err(|refused| vec![FieldError::new("name", refused.reason())])?;
    let faults = milestone::faults(&command.items);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let id: TemplateId = tx.id();
    templates::insert(tx, id, &name, &command.items).await.map_err(|error| taken(error, "name"))?;
    let detail = json!({ "items": command.items.len() });
    record::write(tx, &policy::CREATE_TEMPLATE, ("milestone_template", id), &detail).await?;
    Ok(id)
}
