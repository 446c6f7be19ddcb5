//! Create a milestone template, and what a page needs for it.

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
    store::templates::{self, ItemOf, Template},
};

#[derive(Debug, Clone)]
pub struct CreateTemplate {
    pub name: String,
    pub items: Vec<Item>,
}

/// A template, and what it plans.
#[derive(Debug, Clone)]
pub struct TemplateView {
    pub template: Template,
    pub items: Vec<Item>,
}

/// Returns all templates with their milestones, for whoever may create one.
pub async fn prepare_template(tx: &mut Tx) -> Result<Vec<TemplateView>> {
    access::require(&policy::CREATE_TEMPLATE, relations::to_university(tx), tx.caller())?;
    let view = |template| TemplateView { template, items: Vec::new() };
    let mut views: Vec<_> = templates::list(tx).await?.into_iter().map(view).collect();
    for ItemOf { template, item } in templates::all_items(tx).await? {
        if let Some(view) = views.iter_mut().find(|view| view.template.id == template) {
            view.items.push(item);
        }
    }
    Ok(views)
}

/// Creates a template of milestones; its name is unique.
pub async fn create_template(tx: &mut Tx, command: CreateTemplate) -> Result<TemplateId> {
    access::require(&policy::CREATE_TEMPLATE, relations::to_university(tx), tx.caller())?;
    let name = text::line(&command.name, topic::TITLE_CHARS_MAX);
    let mut items = command.items;
    for item in &mut items {
        item.title_en = item.title_en.trim().to_owned();
        item.title_local = item.title_local.trim().to_owned();
    }
    let mut faults: Vec<_> =
        name.as_ref().err().map(|refused| FieldError::new("name", refused.reason())).into_iter().collect();
    faults.extend(milestone::faults(&items));
    let (Ok(name), true) = (name, faults.is_empty()) else { return Err(faults.into()) };
    let id: TemplateId = tx.id();
    templates::insert(tx, id, &name, &items).await.map_err(|error| taken(error, "name"))?;
    let detail = json!({ "items": items.len() });
    record::write(tx, &policy::CREATE_TEMPLATE, ("milestone_template", id), &detail).await?;
    Ok(id)
}
