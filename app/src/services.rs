//! The services as data: what every command that touches them all goes through.

use std::sync::Arc;

use anyhow::Result;
use messaging::{Consumer, Messaging};
use storage::{Database, Schema, Tenant};

use crate::parts::Parts;

/// The services that have a database.
const SERVICES: [&str; 4] = ["identity", "projects", "files", "notifications"];

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
    let consumers = identity::consumers(parts.identity().await?);
    let messaging = Messaging::new(parts.bus().await?).with(projects, projects::consumers()).with(identity, consumers);
    messaging.drain().await?;
    Ok(())
}

/// A service on the bus: its database, and the names of the consumers that keep their place there.
pub struct Member {
    /// The database, with its outbox and its dead letters.
    pub database: Database,
    /// The consumers.
    pub consumers: Vec<&'static str>,
}

/// Returns every service with what messaging keeps of it.
pub async fn members(parts: &Parts) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for database in databases_of_services(parts).await? {
        let consumers = consumers_of(database.service());
        members.push(Member { database, consumers });
    }
    Ok(members)
}

fn consumers_of(service: &str) -> Vec<&'static str> {
    let names = |consumers: Vec<Consumer>| consumers.iter().map(Consumer::name).collect();
    match service {
        "identity" => identity::CONSUMERS.to_vec(),
        "projects" => names(projects::consumers()),
        "files" => names(files::consumers()),
        "notifications" => notifications::jobs::CONSUMERS.to_vec(),
        _ => Vec::new(),
    }
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
    SERVICES.iter().flat_map(|service| consumers_of(service)).collect()
}
