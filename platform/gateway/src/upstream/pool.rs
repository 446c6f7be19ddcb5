//! Idle connections of one worker, bounded by node.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Weak,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use mesh::{Error, discovery::Endpoint, pool::Settings};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Upstream;

/// The connections of one worker. All of them are used on its thread, so that the lock is never contended.
pub(crate) struct Pool {
    settings: Settings,
    slots: Mutex<HashMap<u64, Slot>>,
}

/// The connections to one node.
struct Slot {
    endpoint: Weak<Endpoint>,
    idle: VecDeque<(Box<Upstream>, Instant)>,
    open: Arc<AtomicU32>,
}

/// One of the open connections to a node, for the bound.
pub(super) struct Open(Arc<AtomicU32>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Pool {
    /// Returns a pool without connections.
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, slots: Mutex::default() }
    }

    /// Returns an idle connection to `endpoint` if there is one that still stands.
    pub(crate) fn idle(&self, endpoint: &Endpoint) -> Option<Box<Upstream>> {
        let mut slots = self.slots.lock();
        let slot = slots.get_mut(&endpoint.serial())?;
        // The one used last is the likeliest to stand, and lets the others grow old.
        while let Some((mut upstream, _)) = slot.idle.pop_back() {
            if upstream.is_quiet() {
                upstream.reused = true;
                return Some(upstream);
            }
        }
        None
    }

    /// Opens a new connection to `endpoint`.
    pub(crate) async fn connect(&self, endpoint: &Arc<Endpoint>) -> Result<Box<Upstream>, Error> {
        let address = endpoint.node.address;
        let open = self.open(endpoint).ok_or(Error::Exhausted { address })?;
        let limit = Duration::from_millis(self.settings.connect_ms);
        let stream = endpoint.connect(limit).await?;
        Ok(Box::new(Upstream::new(stream, endpoint.serial(), open)))
    }

    /// Keeps a connection whose last answer has been read to its end.
    pub(crate) fn put(&self, mut upstream: Box<Upstream>) {
        let now = Instant::now();
        upstream.request = None;
        let mut slots = self.slots.lock();
        let Some(slot) = slots.get_mut(&upstream.node) else {
            return;
        };
        let limit = Duration::from_millis(self.settings.idle_ms);
        let old = |since: Instant| now.saturating_duration_since(since) > limit;
        while slot.idle.len() >= self.settings.idle_max || slot.idle.front().is_some_and(|(_, since)| old(*since)) {
            slot.idle.pop_front();
        }
        slot.idle.push_back((upstream, now));
    }

    /// Counts one more connection to `endpoint`, if the bound allows.
    fn open(&self, endpoint: &Arc<Endpoint>) -> Option<Open> {
        let mut slots = self.slots.lock();
        if !slots.contains_key(&endpoint.serial()) {
            // A new node is the moment to forget the ones that are gone.
            slots.retain(|_, slot| slot.endpoint.strong_count() > 0);
        }
        let slot = slots.entry(endpoint.serial()).or_insert_with(|| Slot::of(endpoint));
        let open = Open(Arc::clone(&slot.open));
        let before = slot.open.fetch_add(1, Relaxed);
        (before < self.settings.connections_max).then_some(open)
    }
}

impl Slot {
    fn of(endpoint: &Arc<Endpoint>) -> Self {
        Self { endpoint: Arc::downgrade(endpoint), idle: VecDeque::new(), open: Arc::default() }
    }
}
