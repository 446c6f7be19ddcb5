//! The files service: takes what people hand in, keeps it whole, and gives it to whoever was granted it.
//!
//! Owns the bytes and what is known of them: name, size, digest, type. Never knows what a file is for, nor who may see it:
//! a ticket proves an upload to other services, and a grant of theirs opens a download.
//! Start reading at [`actions::receive`], then [`store::blobs`], then [`model::pass`].

pub mod actions;
pub mod api;
mod error;
pub mod jobs;
pub mod model;
pub mod pages;
pub mod policy;
mod routes;
mod settings;
pub mod store;

use std::sync::Arc;

use crypto::Keyring;
use storage::{Database, Schema, Statement};

pub use self::{
    error::{CODES, Error, Result},
    jobs::consumers,
    policy::POLICY,
    routes::{SITE, openapi, service},
    settings::Settings,
    store::blobs::Blobs,
};

/// The files service's parts. Cloning is cheap.
#[derive(Clone)]
pub struct Files {
    pub(crate) db: Database,
    pub(crate) blobs: Blobs,
    pub(crate) keys: model::pass::Keys,
    pub(crate) settings: Arc<Settings>,
}

impl Files {
    /// Puts the parts together; `db` has [`crate::schemas`].
    pub fn new(db: Database, blobs: Blobs, keyring: &Keyring, settings: Settings) -> Self {
        Self { db, blobs, keys: model::pass::Keys::of(keyring), settings: Arc::new(settings) }
    }

    /// Returns how many bytes of a form the service hears: more than it takes, so that whoever sends too large a file is told so
    /// in the form that asked for it.
    pub fn heard_bytes_max(&self) -> u64 {
        self.settings.upload_bytes_max().saturating_add(pages::upload::DRAINED_BYTES_MAX)
    }
}

/// The service's own tables.
pub static SCHEMA: Schema = storage::schema!("files", ["0001_first.sql", "0002_claims.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[store::files::STATEMENTS];

/// Returns the schemas of the service's database, in the order in which they migrate.
pub fn schemas() -> [Schema; 3] {
    [messaging::SCHEMA, audit::SCHEMA, SCHEMA]
}
