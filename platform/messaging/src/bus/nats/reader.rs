//! Reading a stream from a place on.
//!
//! A consumer of ours is a cursor, not a durable consumer of JetStream: the server hands a durable's messages to whichever
//! process pulls, so that two replicas of a service would handle the events of one key side by side. Each process reads for
//! itself instead, as it does from the journal, and the inbox lets one of them have the effect.

use std::{collections::HashMap, time::Duration};

use async_nats::jetstream::{
    consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
    stream::Stream,
};
use futures_util::StreamExt;
use tokio::sync::Mutex;
use tracing::warn;

use super::{away, message};
use crate::{Result, bus::Delivery, metrics};

/// How long the server remembers a reading that nobody goes on with.
const READING_KEPT: Duration = Duration::from_mins(5);

/// The readings under way, by shard and name.
#[derive(Default)]
pub(super) struct Readers(Mutex<HashMap<(usize, String), Reading>>);

/// Where the server stands for one reader.
struct Reading {
    consumer: Consumer<pull::Config>,
    next: u64,
}

impl Readers {
    /// Returns the events after `after`, at most `limit`, and how far it has read; goes on with the reading of this name where
    /// it stands there. What is no event is passed over: without an event there is nothing more to read.
    pub(super) async fn read(
        &self,
        stream: &Stream,
        of: (usize, String),
        after: i64,
        limit: u32,
    ) -> Result<(Vec<Delivery>, i64)> {
        let start = u64::try_from(after).unwrap_or(0) + 1;
        let going_on = self.0.lock().await.remove(&of).filter(|reading| reading.next == start);
        let (mut reading, mut events) = match going_on {
            // The server may have forgotten it, or have been started again.
            Some(mut reading) => match reading.events(limit).await {
                Ok(events) => (reading, events),
                Err(_) => Reading::begin(stream, start, limit).await?,
            },
            None => Reading::begin(stream, start, limit).await?,
        };
        let mut from = start;
        while events.is_empty() && reading.next > from {
            from = reading.next;
            events = reading.events(limit).await?;
        }
        let read = i64::try_from(reading.next - 1).unwrap_or(i64::MAX);
        self.0.lock().await.insert(of, reading);
        Ok((events, read))
    }
}

impl Reading {
    async fn begin(stream: &Stream, start: u64, limit: u32) -> Result<(Self, Vec<Delivery>)> {
        let mut reading = Self {
            consumer: open(stream, DeliverPolicy::ByStartSequence { start_sequence: start }).await?,
            next: start,
        };
        let events = reading.events(limit).await?;
        Ok((reading, events))
    }

    async fn events(&mut self, limit: u32) -> Result<Vec<Delivery>> {
        let mut messages = self.consumer.fetch().max_messages(limit as usize).messages().await.map_err(away)?;
        let mut events = Vec::new();
        while let Some(message) = messages.next().await {
            let message = message.map_err(away)?;
            let sequence = message.info().map_err(away)?.stream_sequence;
            let (message, _) = message.split();
            self.next = sequence + 1;
            match message::envelope(message.headers.as_ref(), message.payload) {
                Ok(envelope) => {
                    events.push(Delivery { sequence: i64::try_from(sequence).unwrap_or(i64::MAX), envelope });
                }
                Err(foreign) => {
                    // Nobody of ours wrote it, and it must not keep anybody from what comes after it.
                    metrics::FOREIGN.with(&[]).increment();
                    warn!(stream.subject = %message.subject, stream.sequence = sequence, error = %foreign, "message passed over");
                }
            }
        }
        Ok(events)
    }
}

/// Returns the sequence of the first event that a reading with this policy would begin with.
pub(super) async fn first(stream: &Stream, policy: DeliverPolicy) -> Result<Option<u64>> {
    let consumer = open(stream, policy).await?;
    let mut messages = consumer.fetch().max_messages(1).messages().await.map_err(away)?;
    match messages.next().await {
        None => Ok(None),
        Some(message) => Ok(Some(message.map_err(away)?.info().map_err(away)?.stream_sequence)),
    }
}

async fn open(stream: &Stream, deliver_policy: DeliverPolicy) -> Result<Consumer<pull::Config>> {
    let config = pull::Config {
        deliver_policy,
        ack_policy: AckPolicy::None,
        inactive_threshold: READING_KEPT,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    stream.create_consumer(config).await.map_err(away)
}
