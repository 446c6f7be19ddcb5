//! Delivery: from the bus to a handler, with the effect and the inbox row in one transaction.
//!
//! An event that fails is *parked* in the consumer's own database and the reading goes on. Later events of the same key park
//! behind it, so the order of a key holds; every other key passes. A parked event is tried again with growing pauses, and given
//! up as a *dead letter* after the last attempt, which lets those behind it go on.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use tracing::{error, warn};

use base::{Ambient, Caller, Timestamp};
use storage::{Database, Tx};

use super::{
    Consumer, Failure,
    inbox::{self, Due, Setback},
};
use crate::{Bus, Envelope, Result, bus::Delivery, metrics};

/// Events fetched at once.
const BATCH_MAX: u32 = 500;
/// Keys handled side by side.
const KEYS_MAX: usize = 32;
/// Events that may wait for another attempt; beyond it the reading pauses.
const PARKED_MAX: i64 = 10_000;
/// Pause after the first failure; doubles with each.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_mins(5);

/// One consumer at one shard.
#[derive(Clone)]
pub(crate) struct Deliverer {
    pub(crate) consumer: Arc<Consumer>,
    pub(crate) database: Database,
    pub(crate) shard: usize,
    pub(crate) bus: Arc<dyn Bus>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handled {
    Now,
    Before,
}

impl Deliverer {
    /// Tries what is due again, then handles what is new; returns how many events moved on.
    pub(crate) async fn step(&self) -> Result<usize> {
        let (parked, due) = self.parked().await?;
        metrics::PARKED.with(&[self.consumer.name, &self.shard.to_string()]).set(parked);
        let retried = due.len();
        self.retry(due).await?;
        if parked >= PARKED_MAX {
            return Ok(retried);
        }
        let batch = self.bus.fetch(self.shard, self.consumer.name, BATCH_MAX).await?;
        let seen = batch.deliveries.len();
        if seen == 0 {
            if batch.passed_over {
                self.bus.acknowledge(self.shard, self.consumer.name, batch.position).await?;
            }
            return Ok(retried);
        }
        let wanted = batch.deliveries.into_iter().filter(|new| self.consumer.handles(&new.envelope.event_type));
        let mut keys: HashMap<_, Vec<Delivery>> = HashMap::new();
        for delivery in wanted {
            keys.entry((delivery.envelope.tenant, delivery.envelope.key)).or_default().push(delivery);
        }
        stream::iter(keys.into_values().map(|deliveries| self.clone().deliver(deliveries).boxed()))
            .buffer_unordered(KEYS_MAX)
            .try_collect::<()>()
            .await?;
        self.bus.acknowledge(self.shard, self.consumer.name, batch.position).await?;
        Ok(retried + seen)
    }

    /// Handles the events of one key in order.
    async fn deliver(self, deliveries: Vec<Delivery>) -> Result<()> {
        for Delivery { sequence, envelope } in deliveries {
            let envelope = Arc::new(envelope);
            let setback = match self.attempt(&envelope, false).await {
                Ok(handled) => {
                    self.count(&envelope, handled);
                    continue;
                }
                Err(Failure::Blocked) => Setback::behind_another(),
                Err(failure) => match self.setback(failure, 1, &envelope).await? {
                    Some(setback) => setback,
                    None => continue,
                },
            };
            self.note(if setback.dead { "dead" } else { "parked" });
            let (consumer, event) = (self.consumer.name, Arc::clone(&envelope));
            let caller = self.caller(&envelope);
            self.database.write(&caller, move |tx| park(tx, consumer, sequence, event, setback).boxed()).await?;
        }
        Ok(())
    }

    /// Tries parked events again: of each key the earliest, so that they can go side by side.
    async fn retry(&self, due: Vec<Due>) -> Result<()> {
        stream::iter(due.into_iter().map(|due| self.clone().retry_one(due).boxed()))
            .buffer_unordered(KEYS_MAX)
            .try_collect()
            .await
    }

    async fn retry_one(self, due: Due) -> Result<()> {
        let envelope = match Envelope::from_json(&due.envelope) {
            Ok(envelope) => Arc::new(envelope),
            Err(source) => {
                let source = Box::new(source);
                return Err(storage::Error::Engine { statement: "messaging::retry", source }.into());
            }
        };
        let failure = match self.attempt(&envelope, true).await {
            Ok(handled) => {
                self.count(&envelope, handled);
                return Ok(());
            }
            Err(failure) => failure,
        };
        let Some(setback) = self.setback(failure, due.attempts + 1, &envelope).await? else { return Ok(()) };
        self.note(if setback.dead { "dead" } else { "retried" });
        let (consumer, event) = (self.consumer.name, Arc::clone(&envelope));
        self.database.write(&self.caller(&envelope), move |tx| set_back(tx, consumer, event, setback).boxed()).await?;
        Ok(())
    }

    async fn attempt(&self, envelope: &Arc<Envelope>, parked: bool) -> std::result::Result<Handled, Failure> {
        let (consumer, event) = (Arc::clone(&self.consumer), Arc::clone(envelope));
        self.database.write(&self.caller(envelope), move |tx| handle(tx, consumer, event, parked).boxed()).await
    }

    /// Says what a failure means. `Err` when the database is away, which is no fault of the event; `None` when its tenant is gone.
    async fn setback(&self, failure: Failure, attempts: u32, event: &Envelope) -> Result<Option<Setback>> {
        match failure {
            Failure::Storage(storage::Error::UnknownTenant(name)) => {
                // Another process may have added the tenant a moment ago.
                self.database.directory().refresh().await?;
                if self.database.directory().tenant(event.tenant).is_some() {
                    return Err(storage::Error::UnknownTenant(name).into());
                }
                warn!(consumer = self.consumer.name, event.id = %event.id, "event of an unknown tenant passed over");
                return Ok(None);
            }
            Failure::Storage(
                away @ (storage::Error::Unavailable(_) | storage::Error::StaleEpoch { .. } | storage::Error::Contended),
            ) => return Err(away.into()),
            _ => {}
        }
        let dead = attempts >= self.consumer.attempts_max || matches!(failure, Failure::Unreadable(_));
        if dead {
            // The reason stays in the dead letter: it may quote what a person wrote.
            error!(consumer = self.consumer.name, event.id = %event.id, event.r#type = event.event_type, attempts, "event given up");
        }
        let ambient = self.database.ambient();
        let due_at = due_at(ambient, attempts);
        Ok(Some(Setback { attempts, due_at, dead, reason: runtime::chain(&failure) }))
    }

    /// Returns how many events wait for another attempt, and those whose time has come.
    async fn parked(&self) -> Result<(i64, Vec<Due>)> {
        let consumer = self.consumer.name;
        let parked = self.database.system_read(self.shard, consumer, |tx| {
            async move {
                let count = inbox::count_parked(tx, consumer).await?;
                let due = if count == 0 { Vec::new() } else { inbox::due(tx, consumer, BATCH_MAX).await? };
                Ok::<_, storage::Error>((count, due))
            }
            .boxed()
        });
        Ok(parked.await?)
    }

    fn caller(&self, envelope: &Envelope) -> Caller {
        Caller::system(envelope.tenant, self.consumer.name, envelope.request)
    }

    fn count(&self, envelope: &Envelope, handled: Handled) {
        self.note(match handled {
            Handled::Now => "handled",
            Handled::Before => "duplicate",
        });
        let delay = self.database.ambient().now().since(envelope.time);
        metrics::DELAY_MS.with(&[self.consumer.name]).set(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX));
    }

    fn note(&self, outcome: &str) {
        metrics::DELIVERED.with(&[self.consumer.name, outcome]).increment();
    }
}

async fn handle(
    tx: &mut Tx,
    consumer: Arc<Consumer>,
    event: Arc<Envelope>,
    parked: bool,
) -> std::result::Result<Handled, Failure> {
    let new = inbox::take(tx, consumer.name, &event).await?;
    if new {
        if !parked && inbox::is_blocked(tx, consumer.name, &event).await? {
            return Err(Failure::Blocked);
        }
        consumer.apply(tx, &event).await?;
    }
    if parked {
        inbox::unpark(tx, consumer.name, &event).await?;
    }
    Ok(if new { Handled::Now } else { Handled::Before })
}

async fn park(
    tx: &mut Tx,
    consumer: &'static str,
    sequence: i64,
    event: Arc<Envelope>,
    setback: Setback,
) -> storage::Result<()> {
    inbox::park(tx, consumer, sequence, &event, &setback).await
}

async fn set_back(tx: &mut Tx, consumer: &'static str, event: Arc<Envelope>, setback: Setback) -> storage::Result<()> {
    inbox::set_back(tx, consumer, &event, &setback).await
}

/// Returns when to try again: twice the pause of the attempt before, less up to half of it by chance.
fn due_at(ambient: &Ambient, attempts: u32) -> Timestamp {
    let pause = PAUSE_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(PAUSE_MAX);
    let [chance] = ambient.bytes::<1>();
    ambient.now() + pause.mul_f64(1.0 - f64::from(chance) / 512.0)
}
