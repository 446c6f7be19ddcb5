//! The services as data: what every command that touches them all goes through.

use std::sync::Arc;

use anyhow::Result;
use messaging::Messaging;
use storage::{Database, Schema, Tenant};

use crate::parts::Parts;

/// Every database of the installation: its name, and the schemas in it.
fn databases() -> Vec<(&'static str, Vec<Schema>)> {
    let service = |schema: Schema| vec![messaging::SCHEMA, audit::SCHEMA, schema];
    vec![
        ("identity", service(identity::SCHEMA)),
        ("projects", service(projects::schema())),
        ("files", service(files::SCHEMA)),
        ("notifications", service(notifications::SCHEMA)),
        ("journal", vec![messaging::bus::journal::SCHEMA]),
    ]
}

/// Opens every database; one that cannot be opened does not keep the others from it.
pub async fn open_all(parts: &Parts) -> Result<Vec<(&'static str, storage::Result<Database>)>> {
    let storage = parts.storage().await?;
    let mut opened = Vec::new();
    for (name, schemas) in databases() {
        opened.push((name, storage.database(name, &schemas).await));
    }
    Ok(opened)
}

/// Returns the university of this short name.
pub async fn tenant(parts: &Parts, slug: &str) -> Result<Arc<Tenant>> {
    let directory = parts.storage().await?.directory();
    Ok(directory.by_slug(slug).ok_or_else(|| storage::Error::UnknownTenant(slug.to_owned()))?)
}

/// Delivers what projects has told and identity has not heard, as a node that is running would; returns when nothing is left.
pub async fn settle(parts: &Parts) -> Result<()> {
    let projects = parts.database("projects", projects::schema()).await?;
    let identity = parts.database("identity", identity::SCHEMA).await?;
    let messaging =
        Messaging::new(parts.bus().await?).with(projects, projects::consumers()).with(identity, identity::consumers());
    messaging.drain().await?;
    Ok(())
}

/// Returns the databases of the services, each with what messaging and audit keep in it.
pub async fn databases_of_services(parts: &Parts) -> Result<Vec<Database>> {
    Ok(vec![
        parts.database("identity", identity::SCHEMA).await?,
        parts.database("projects", projects::schema()).await?,
        parts.database("files", files::SCHEMA).await?,
        parts.database("notifications", notifications::SCHEMA).await?,
    ])
}

/// Returns the names of every service's event consumers.
pub fn consumer_names() -> Vec<&'static str> {
    let consumers = identity::consumers().into_iter().chain(projects::consumers()).chain(files::consumers());
    let mut names: Vec<&str> = consumers.map(|consumer| consumer.name()).collect();
    names.extend(notifications::jobs::CONSUMERS);
    names
}
