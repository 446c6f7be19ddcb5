//! The projects service: cycles, topics, proposals, supervision, milestones, submissions; the project's whole life.
//!
//! Owns the tables of its migrations and the state tables of `model/`. Never asks another service anything while a request waits.
//! Start reading at [`model::life`], then [`actions`], then [`service`].

pub mod actions;
mod api;
pub mod demo;
mod error;
pub mod events;
pub mod jobs;
pub mod model;
mod pages;
mod parts;
pub mod policy;
mod service;
pub mod store;
#[cfg(test)]
mod tests;
mod ticket;

pub use self::{
    actions::import_cohort::error::CODES as IMPORT_CODES,
    error::{CODES, Error, Result},
    parts::{Parts, Projects},
    policy::POLICY,
    service::{SITE, openapi, service},
    ticket::{FileKeys, Ticket},
};

use storage::Schema;

const SCHEMA: Schema = storage::schema!("projects", ["0001_first.sql"]).with_statements(store::STATEMENTS);

/// Returns the service's tables and statements.
pub const fn schema() -> Schema {
    SCHEMA
}

/// Returns the consumers of other services' events.
pub fn consumers() -> Vec<messaging::Consumer> {
    vec![jobs::person_changed::consumer()]
}
