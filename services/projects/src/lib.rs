//! The projects service: cycles, topics, proposals, supervision, milestones, submissions; the project's whole life.
//!
//! Owns the tables of its migrations and the state tables of `model/`. Never asks another service anything while a request waits.
//! Start reading at [`model::life`], then [`actions`], then [`service`].

pub mod actions;
mod error;
pub mod events;
pub mod model;
pub mod policy;
pub mod store;
#[cfg(test)]
mod tests;
mod ticket;

pub use self::{
    error::{CODES, Error, Result},
    policy::POLICY,
    ticket::{FileKeys, Ticket},
};

use storage::Schema;

const SCHEMA: Schema = storage::schema!("projects", ["0001_first.sql"]).with_statements(store::STATEMENTS);

/// Returns the service's tables and statements.
pub const fn schema() -> Schema {
    SCHEMA
}
