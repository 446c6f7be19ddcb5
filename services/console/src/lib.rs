//! The console: how the installation does, and what needs a hand.
//!
//! Owns the operator's pages. Never holds data of its own, and never shows one university another's.
//! Start reading at [`service`], then [`Parts`].

use std::{fmt, path::PathBuf, sync::Arc};

use base::Caller;
use messaging::Bus;
use storage::{Database, Tenant};

mod actions;
mod error;
pub mod model;
mod pages;
pub mod policy;
mod routes;

pub use self::{
    error::{CODES, Error, Result},
    model::node::NodeCard,
    policy::POLICY,
    routes::{SITE, service, service_with_reference},
};

/// What the process hands to the console.
pub struct Parts {
    /// The services' databases, each with the tables of messaging and audit.
    pub services: Vec<Database>,
    /// The event bus.
    pub bus: Arc<dyn Bus>,
    /// Names of the event consumers, to see how far behind they are.
    pub consumers: Vec<&'static str>,
    /// Returns the nodes as this process sees them now: [`NodeCard::all`] of a `mesh::Discovery`.
    pub nodes: Arc<dyn Fn() -> Vec<NodeCard> + Send + Sync>,
    /// The mail folder, in demonstrations only: mails hold links that sign people in.
    pub mails: Option<PathBuf>,
}

/// The console at work. Cloning is cheap.
#[derive(Clone)]
pub struct Console(Arc<Parts>);

impl Console {
    /// Puts the console together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    /// Returns the database of a service; the first when none is named.
    pub(crate) fn service(&self, name: Option<&str>) -> Result<&Database> {
        let mut services = self.0.services.iter();
        let found = match name {
            Some(name) => services.find(|database| database.service() == name),
            None => services.next(),
        };
        found.ok_or_else(|| Error::UnknownService(name.unwrap_or_default().to_owned()))
    }

    /// Returns the names of the services.
    pub(crate) fn service_names(&self) -> impl Iterator<Item = &'static str> {
        self.0.services.iter().map(Database::service)
    }

    /// Returns the caller's university.
    pub(crate) fn tenant(&self, caller: &Caller) -> Result<Arc<Tenant>> {
        let unknown = || storage::Error::UnknownTenant(caller.tenant().to_string());
        Ok(self.service(None)?.directory().tenant(caller.tenant()).ok_or_else(unknown)?)
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Console")
    }
}
