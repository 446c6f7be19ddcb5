//! Milestone templates: the items that a cycle's projects are planned by.

use base::Timestamp;
use storage::{Result, Tx, params, statements};

use super::record::record;
use crate::model::{ids::TemplateId, milestone::Item};

record! {
    /// A template without its items.
    Template {
        id: TemplateId,
        name: String,
        version: i64,
        changed_at: Timestamp,
    }
}

statements! {
    /// Lists all templates; a university has tens.
    LIST: read [milestone_template] = "SELECT id, name, version, changed_at FROM milestone_template WHERE tenant_id = $1 ORDER BY name";
    /// Finds one template.
    FIND: read [milestone_template] = "SELECT id, name, version, changed_at FROM milestone_template WHERE tenant_id = $1 AND id = $2";
    /// Adds a template.
    INSERT: write [milestone_template] = "INSERT INTO milestone_template (tenant_id, id, name, version, changed_at) VALUES ($1, $2, $3, 1, $4)";
    /// Renames the template of this version.
    RENAME: write [milestone_template] = "UPDATE milestone_template SET name = $4, version = version + 1, changed_at = $5
        WHERE tenant_id = $1 AND id = $2 AND version = $3";
    /// Deletes the template of this version.
    DELETE: write [milestone_template] = "DELETE FROM milestone_template WHERE tenant_id = $1 AND id = $2 AND version = $3";
    /// Deletes a template's items.
    DELETE_ITEMS: write [milestone_template_item] = "DELETE FROM milestone_template_item WHERE tenant_id = $1 AND template_id = $2";
    /// Lists a template's items.
    ITEMS: read [milestone_template_item] = "SELECT title_en, title_local, opens_days, due_days, mandatory, accepts FROM milestone_template_item
        WHERE tenant_id = $1 AND template_id = $2 ORDER BY position";
    /// Lists the items of all templates.
    ALL_ITEMS: read [milestone_template_item] = "SELECT template_id, title_en, title_local, opens_days, due_days, mandatory, accepts
        FROM milestone_template_item WHERE tenant_id = $1 ORDER BY template_id, position";
    /// Adds an item.
    INSERT_ITEM: write [milestone_template_item] = "INSERT INTO milestone_template_item
        (tenant_id, template_id, position, title_en, title_local, opens_days, due_days, mandatory, accepts)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

impl storage::Decode for Item {
    fn decode(row: &mut storage::Row<'_>) -> Result<Self> {
        Ok(Self {
            title_en: row.take()?,
            title_local: row.take()?,
            opens_days: row.take()?,
            due_days: row.take()?,
            mandatory: row.take()?,
            accepts: row.take()?,
        })
    }
}

/// An item, and whose it is.
#[derive(Debug, Clone)]
pub struct ItemOf {
    pub template: TemplateId,
    pub item: Item,
}

impl storage::Decode for ItemOf {
    fn decode(row: &mut storage::Row<'_>) -> Result<Self> {
        Ok(Self { template: row.take()?, item: Item::decode(row)? })
    }
}

/// Returns all templates, by name.
pub async fn list(tx: &mut Tx) -> Result<Vec<Template>> {
    tx.fetch(&LIST, params![]).await
}

/// Returns a template.
pub async fn find(tx: &mut Tx, id: TemplateId) -> Result<Option<Template>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Returns a template's items, in order.
pub async fn items(tx: &mut Tx, id: TemplateId) -> Result<Vec<Item>> {
    tx.fetch(&ITEMS, params![id]).await
}

/// Returns the items of all templates, each template's in order.
pub async fn all_items(tx: &mut Tx) -> Result<Vec<ItemOf>> {
    tx.fetch(&ALL_ITEMS, params![]).await
}

/// Adds a template with its items; its name is unique.
pub async fn insert(tx: &mut Tx, id: TemplateId, name: &str, items: &[Item]) -> Result<()> {
    tx.execute(&INSERT, params![id, name, tx.now()]).await?;
    let words: Vec<String> = items.iter().map(|item| item.accepts.words()).collect();
    let rows: Vec<_> = items
        .iter()
        .zip(&words)
        .zip(1_i64..)
        .map(|((item, accepts), position)| {
            let Item { title_en, title_local, opens_days, due_days, mandatory, .. } = item;
            params![id, position, title_en, title_local, *opens_days, *due_days, *mandatory, accepts].to_vec()
        })
        .collect();
    tx.execute_many(&INSERT_ITEM, &rows).await.map(drop)
}

/// Renames a template, unless it is of another version by now; its name is unique.
pub async fn rename(tx: &mut Tx, id: TemplateId, version: i64, name: &str) -> Result<bool> {
    Ok(tx.execute(&RENAME, params![id, version, name, tx.now()]).await? == 1)
}

/// Deletes a template with its items, unless it is of another version by now. One that a cycle names stays: that is an error.
pub async fn delete(tx: &mut Tx, id: TemplateId, version: i64) -> Result<bool> {
    tx.execute(&DELETE_ITEMS, params![id]).await?;
    Ok(tx.execute(&DELETE, params![id, version]).await? == 1)
}
