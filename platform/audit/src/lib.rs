//! The record of what was done, by whom and to what, kept beside the data in every service's database.
//!
//! Owns the table of records. Never changes or removes one: there is no statement that could. Never holds personal data: a record
//! names people by id, and its detail holds states, counts and ids.
//! Start reading at [`record`].

#![warn(missing_docs)]

mod entry;
mod store;
#[cfg(test)]
mod tests;

use futures_util::FutureExt;

use base::{Caller, Page, PageRequest};
use storage::{Database, Schema, Statement, Tx};

pub use self::entry::{ActorKind, Entry, Filter, Outcome, Record, RecordId};

/// The table of records.
pub static SCHEMA: Schema = storage::schema!("audit", ["0001_audit.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[store::STATEMENTS];

/// Records what this unit of work does; the record stands if and only if the unit commits (INV-3).
pub async fn record(tx: &mut Tx, entry: Entry) -> storage::Result<()> {
    store::insert(tx, &entry).await
}

/// Records an attempt that was refused, in a transaction of its own: the refused one leaves nothing behind.
pub async fn denied(database: &Database, caller: &Caller, entry: Entry) -> storage::Result<()> {
    let entry = entry.outcome(Outcome::Denied);
    database.write(caller, move |tx| async move { store::insert(tx, &entry).await }.boxed()).await
}

/// Returns the tenant's records that pass `filter`, newest first.
pub async fn list(tx: &mut Tx, filter: &Filter, request: &PageRequest) -> storage::Result<Page<Record>> {
    store::list(tx, filter, request).await
}
