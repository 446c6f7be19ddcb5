//! The seam to what carries events between services: the embedded journal, or NATS JetStream.
//!
//! Owns the contract of a backend; one suite holds both to it. Never opens an event's data.
//! Start reading at [`Bus`], then [`journal`], then [`nats`].

use serde::Deserialize;
use tokio::sync::watch;

use base::Timestamp;

use crate::{Envelope, Future};

pub mod journal;
pub mod nats;

/// Carries events from relays to durable consumers, shard by shard.
///
/// What every backend promises: an event published is kept until its retention ends; an id published twice is kept once; a
/// consumer sees the events of a shard in the order of publishing, and again and again until it acknowledges them.
pub trait Bus: Send + Sync + 'static {
    /// Returns what a published event survives.
    fn durability(&self) -> Durability;

    /// Publishes events in this order; returns when they are as safe as [`Bus::durability`] says. An id that is there already is passed over.
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

    /// Returns the events after this sequence, whoever has read them, at most `limit`.
    fn read(&self, shard: usize, after: i64, limit: u32) -> Future<'_, Vec<Delivery>>;

    /// Returns the sequence of the first event published at or after `from`; `None` when nothing that new is kept.
    fn first_from(&self, shard: usize, from: Timestamp) -> Future<'_, Option<i64>>;

    /// Returns something that changes when there may be new events.
    fn news(&self) -> watch::Receiver<u64>;
}

/// What a published event survives, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// The end of any process, the server's too, but not of the machine: it may wait in the system's memory for the disk.
    Memory,
    /// The loss of a machine: a majority of several servers has it, each in its system's memory or on its disk.
    Replicated,
    /// The loss of power: it is on disk.
    Fsynced,
}

/// Events fetched together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The events in order.
    pub deliveries: Vec<Delivery>,
    /// What to acknowledge once they are handled.
    pub position: Position,
    /// Whether there are none because what is there is no event, so that the position has moved all the same.
    pub passed_over: bool,
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
