//! The projects service: cycles, topics, proposals, supervision, milestones, submissions; the project's whole life.
//!
//! Owns the tables of its migrations and the state tables of `model/`. Never asks another service anything while a request waits.
//! Start reading at [`model::life`], then [`actions`], then [`service`].

use crypto::Keyring;
use storage::{Database, Schema};

use self::{
    actions::list_topics::{TopicLists, topic_lists},
    model::ticket::FileKeys,
};

pub mod actions;
mod api;
mod error;
pub mod jobs;
pub mod model;
mod pages;
pub mod policy;
mod routes;
pub mod store;

pub use self::{
    actions::{import_cohort::error::CODES as IMPORT_CODES, seed_demo as demo},
    error::{CODES, Error, Result},
    jobs::consumers,
    policy::POLICY,
    routes::{SITE, openapi, service},
};

const SCHEMA: Schema = storage::schema!(
    "projects",
    [
        "0001_first.sql",
        "0002_topic_history.sql",
        "0003_told_programmes.sql",
        "0004_accepted_files.sql",
        "0005_milestone_history.sql"
    ]
)
.with_statements(store::STATEMENTS)
.with_versioned(&[store::topics::LISTS]);

/// Returns the service's tables and statements.
pub const fn schema() -> Schema {
    SCHEMA
}

/// What the house gives this service.
#[derive(Clone)]
pub struct Parts {
    /// Its tables: [`schema`] beside those of messaging and audit.
    pub db: Database,
    /// The installation's keys.
    pub keyring: Keyring,
}

/// What every handler of this service gets. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Projects {
    pub(crate) db: Database,
    pub(crate) keys: FileKeys,
    pub(crate) topic_lists: TopicLists,
}

impl From<Parts> for Projects {
    fn from(parts: Parts) -> Self {
        Self { keys: FileKeys::of(&parts.keyring), topic_lists: topic_lists(), db: parts.db }
    }
}
