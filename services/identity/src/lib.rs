//! People and how they prove who they are: accounts, memberships, passwords, sessions, tokens.
//!
//! Owns the people of each university and their credentials. Never knows a project, never sends a mail itself.
//! Start reading at [`actions`], then [`model`].

pub mod actions;
pub mod error;
pub mod internal;
pub mod jobs;
pub mod model;
pub mod policy;
mod settings;
mod state;
mod store;
#[cfg(test)]
mod tests;

use contracts::events::projects::RosterImported;
use futures_util::FutureExt;
use messaging::Consumer;
use storage::{Schema, Statement};

pub use self::{
    error::{CODES, Error, Result},
    policy::POLICY,
    settings::Settings,
    state::{Identity, Parts},
};

/// Identity's tables.
pub static SCHEMA: Schema = storage::schema!("identity", ["0001_first.sql"]).with_statements(store::CATALOGUE);

/// Every statement of identity, a list per file.
pub static STATEMENTS: &[&[&Statement]] = store::CATALOGUE;

/// Returns the schemas of identity's database, in the order in which they migrate.
pub fn schemas() -> [Schema; 3] {
    [messaging::SCHEMA, audit::SCHEMA, SCHEMA]
}

/// Returns what identity does when others tell of something.
pub fn consumers() -> Vec<Consumer> {
    let rosters = Consumer::new("identity.rosters")
        .on(|tx, event: RosterImported| jobs::roster_imported::apply(tx, event).boxed());
    vec![rosters]
}
