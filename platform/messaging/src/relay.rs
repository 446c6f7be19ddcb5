//! The relay: moves what is committed in an outbox to the bus.
//!
//! Owns nothing but the way between the two. Never changes an event or the order of a key.
//! Any number of relays may serve one outbox: each sees the oldest events first and publishes before it forgets, so that an
//! event never overtakes an earlier one of its key.

use std::sync::Arc;

use storage::Database;

use crate::{Bus, Result, metrics, outbox};

/// Events moved at once.
pub(crate) const BATCH_MAX: u32 = 500;

/// The relay of one shard of a service's database.
#[derive(Clone)]
pub(crate) struct Relay {
    pub(crate) database: Database,
    pub(crate) shard: usize,
    pub(crate) bus: Arc<dyn Bus>,
}

impl Relay {
    /// Moves the oldest events; returns how many.
    pub(crate) async fn step(&self) -> Result<usize> {
        let waiting = outbox::waiting(&self.database, self.shard, BATCH_MAX).await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let service = self.database.service();
        let moved: Vec<_> = waiting.iter().map(|event| (event.tenant, event.id)).collect();
        let envelopes = waiting.into_iter().map(|event| event.into_envelope(service)).collect();
        self.bus.publish(self.shard, envelopes).await?;
        let count = moved.len();
        outbox::forget(&self.database, self.shard, moved).await?;
        metrics::PUBLISHED.with(&[service]).add(count as u64);
        Ok(count)
    }
}
