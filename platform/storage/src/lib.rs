//! Where data rests: any number of SQLite and PostgreSQL shards behind one portable layer.
//!
//! Owns connections, transactions, statements, migrations, the shard map and the directory of tenants.
//! Never gives anybody a connection, and never a transaction without a tenant (INV-2).
//! Start reading at [`Database::write`], then [`Tx`], then [`statement`].
//!
//! A unit of work is one closure over a [`Tx`]. On SQLite it runs to its end on the file's one writer thread, which
//! commits many units with one `fsync` (group commit); on PostgreSQL it is a transaction on a pooled connection.
//! The text of a unit is the same for both, because the only thing it may await is its transaction.

#![warn(missing_docs)]

mod database;
pub mod directory;
mod engine;
mod error;
pub mod migrate;
mod once;
mod postgres;
mod row;
pub mod settings;
pub mod shard;
mod sqlite;
pub mod statement;
mod tx;
mod versions;

pub use self::{
    database::{Database, Storage, Work},
    directory::{Directory, NewTenant, Tenant},
    error::{CODES, Error, Result, Source},
    migrate::{Migration, Schema},
    row::{Decode, Row},
    settings::Settings,
    statement::{Kind, Plan, Statement},
    tx::Tx,
    versions::Versioned,
};

/// Most rows that one statement may return; a list pages long before this.
pub const ROWS_MAX: usize = 200_000;

/// Builds the parameters of a statement from `$2` on; `$1` is the tenant and the transaction binds it itself.
#[macro_export]
macro_rules! params {
    () => { &[] as &[$crate::Value<'_>] };
    ($($value:expr),+ $(,)?) => { &[$($crate::Value::from($value)),+] as &[$crate::Value<'_>] };
}

pub use base::{Column, Value};
