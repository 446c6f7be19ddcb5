//! The seam to what carries events between services. The embedded journal is its first backend.
//!
//! Owns the contract of a backend. Never opens an event's data.
//! Start reading at [`Bus`], then [`journal`].

use tokio::sync::watch;

use base::Timestamp;

use crate::{Envelope, Future};

pub mod journal;

/// Carries events from relays to durable consumers, shard by shard.
///
/// What every backend promises: an event published is kept until its retention ends; an id published twice is kept once; a
/// consumer sees the events of a shard in the order of publishing, and again and again until it acknowledges them.
pub trait Bus: Send + Sync + 'static {
    /// Publishes events in this order; returns when they are safe. An id that is there already is passed over.
    fn publish(&self, shard: usize, events: Vec<Envelope>) -> Future<'_, ()>;

    /// Returns the events after the consumer's acknowledged position, at most `limit`. A new consumer starts at the oldest.
    fn fetch(&self, shard: usize, consumer: &'static str, limit: u32) -> Future<'_, Batch>;

    /// Acknowledges a batch that was fetched: all of it is handled or safely kept elsewhere.
    fn acknowledge(&self, shard: usize, consumer: &'static str, position: Position) -> Future<'_, ()>;

    /// Puts the consumer back to the first event published at or after `from`.
    fn rewind(&self, shard: usize, consumer: &'static str, from: Timestamp) -> Future<'_, ()>;

    /// Returns how many events the consumer has not acknowledged.
    fn behind(&self, shard: usize, consumer: String) -> Future<'_, i64>;

    /// Removes events published before `before`; returns how many.
    fn sweep(&self, shard: usize, before: Timestamp) -> Future<'_, u64>;

    /// Returns something that changes when there may be new events.
    fn news(&self) -> watch::Receiver<u64>;
}

/// Events fetched together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The events in order.
    pub deliveries: Vec<Delivery>,
    /// What to acknowledge once they are handled.
    pub position: Position,
}

/// An event as delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its place in the shard's order.
    pub sequence: i64,
    /// The event.
    pub envelope: Envelope,
}

/// How far a consumer has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The sequence of the last event.
    pub sequence: i64,
    /// Which reading this is; a rewind begins a new one.
    pub generation: i64,
}
