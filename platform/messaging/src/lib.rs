//! Facts that happened, carried from the service that knows them to those that care: outbox, bus, consumers.
//!
//! Owns delivery: at least once, in order per key, with one effect each. Never knows what an event means, and never lets one
//! leave before the transaction that emitted it is committed (INV-3).
//! Start reading at [`emit`], then [`Consumer`], then [`Messaging`].
//!
//! ```text
//! action: state + emit() --one transaction--> outbox --relay--> bus --> consumer: inbox + effect, one transaction
//! ```
//! A crash between any two steps repeats a step; the event's id makes the repetition harmless: the bus refuses an id that it
//! has, and the consumer's inbox one that it has handled.

#![warn(missing_docs)]

pub mod bus;
pub mod consumer;
pub mod dead_letters;
mod envelope;
mod error;
pub mod metrics;
pub mod outbox;
mod relay;
mod running;
#[cfg(test)]
mod tests;

use storage::{Schema, Statement};

pub use self::{
    bus::{Bus, Durability, journal::Journal, nats::JetStream},
    consumer::Consumer,
    dead_letters::DeadLetter,
    envelope::{Envelope, EventId, MEDIA_TYPE},
    error::{CODES, Error, Result},
    outbox::emit,
    running::{EVENTS_KEPT, Messaging, replay},
};

/// The tables that every service with events has: outbox, inbox, parked events.
pub static SCHEMA: Schema = storage::schema!("messaging", ["0001_messaging.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[outbox::STATEMENTS, consumer::inbox::STATEMENTS, dead_letters::STATEMENTS];

/// The future of a bus.
pub(crate) type Future<'a, T> = futures_util::future::BoxFuture<'a, Result<T>>;
