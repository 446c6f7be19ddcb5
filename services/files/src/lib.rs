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
mod settings;
pub mod store;

use std::sync::Arc;

use axum::routing::{get, post};
use crypto::Keyring;
use storage::{Database, Schema, Statement};
use utoipa::openapi::OpenApi;
use web::Intake;

pub use self::{
    error::{CODES, Error, Result},
    policy::POLICY,
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
}

/// The service's own tables.
pub static SCHEMA: Schema = storage::schema!("files", ["0001_first.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[store::files::STATEMENTS];

/// Returns the schemas of the service's database, in the order in which they migrate.
pub fn schemas() -> [Schema; 3] {
    [messaging::SCHEMA, audit::SCHEMA, SCHEMA]
}

/// What every process knows of this service.
pub static SITE: web::Site = web::Site {
    name: "files",
    vocabulary: &contracts::roles::VOCABULARY,
    nav: &[],
    texts: &[("en", include_str!("../texts/en.ftl")), ("lo", include_str!("../texts/lo.ftl"))],
    codes: CODES,
};

/// Returns the service with its routes.
pub fn service(files: Files) -> web::Service {
    routes().with_state(files)
}

/// Returns the description of the service's API.
pub fn openapi() -> OpenApi {
    routes().openapi()
}

fn routes() -> web::Routes<Files> {
    web::Routes::new("files", &contracts::roles::VOCABULARY)
        .page_with(Intake::Stream, policy::UPLOAD, "/files", post(pages::upload::submit))
        .page(policy::DOWNLOAD, "/files/{file}", get(pages::download::show))
        .api_with(Intake::Stream, policy::UPLOAD, web::routes!(api::upload_file::upload_file))
        .api(policy::DOWNLOAD, web::routes!(api::show_file::show_file))
}
