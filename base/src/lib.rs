//! The words that every floor shares: ids, the tenant, the caller, time, chance, languages, error kinds and pages.
//!
//! Owns the vocabulary. Never does I/O, never awaits, never reads a clock of its own.
//! Start reading at [`Caller`], then [`Ambient`].

#![warn(missing_docs)]

pub mod ambient;
pub mod caller;
pub mod error;
pub mod event;
pub mod ids;
pub mod language;
pub mod once;
pub mod page;
#[cfg(feature = "schema")]
pub mod schema;
pub mod text;
pub mod time;
pub mod value;

pub use self::{
    ambient::{Ambient, Clock, Random},
    caller::{Caller, Grant, Scope},
    error::{Code, ErrorKind, Fault, FieldError},
    event::Event,
    ids::{Id, PersonId, RequestId, TenantId},
    once::Once,
    page::{Page, PageRequest},
    time::Timestamp,
    value::{Column, Value},
};
