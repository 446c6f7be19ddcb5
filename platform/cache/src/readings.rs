//! What was read from a database, kept in memory while its version there stands.
//!
//! Whoever reads asks the database for the version first, and then here. What changed is so never shown as it was; the age
//! bounds what somebody changed behind the product's back.

use std::{hash::Hash, sync::Arc, time::Duration};

use quick_cache::{Weighter, sync::Cache};
use tokio::time::Instant;

use crate::metrics::READINGS;

/// Bytes that a reading takes beside its own.
const ENTRY_BYTES_ASSUMED: u64 = 256;
/// Bytes of a reading, for the size of the table.
const READING_BYTES_ASSUMED: u64 = 16 << 10;

/// Readings by their key, bounded in bytes and age. Cloning is cheap.
pub struct Readings<K, V>(Arc<Inner<K, V>>);

struct Inner<K, V> {
    name: &'static str,
    age_max: Duration,
    kept: Cache<K, Kept<V>, ByBytes>,
}

struct Kept<V> {
    value: Arc<V>,
    version: i64,
    bytes: u64,
    since: Instant,
}

#[derive(Clone)]
struct ByBytes;

impl<K, V> Weighter<K, Kept<V>> for ByBytes {
    fn weight(&self, _: &K, kept: &Kept<V>) -> u64 {
        kept.bytes + ENTRY_BYTES_ASSUMED
    }
}

impl<K: Clone + Eq + Hash, V> Readings<K, V> {
    /// Returns none yet, and room for `bytes_max`, each for at most `age_max`. Metrics know them by `name`.
    pub fn new(name: &'static str, bytes_max: u64, age_max: Duration) -> Self {
        let expected = (bytes_max / READING_BYTES_ASSUMED).max(16) as usize;
        Self(Arc::new(Inner { name, age_max, kept: Cache::with_weighter(expected, bytes_max, ByBytes) }))
    }

    /// Returns what is kept under `key`, if it stands for `version`.
    pub fn get(&self, key: &K, version: i64) -> Option<Arc<V>> {
        let kept = self.0.kept.get(key);
        let stands = |kept: &Kept<V>| kept.version == version && kept.since.elapsed() < self.0.age_max;
        let outcome = match &kept {
            Some(kept) if stands(kept) => "hit",
            Some(_) => "outdated",
            None => "miss",
        };
        READINGS.with(&[self.0.name, outcome]).increment();
        kept.filter(stands).map(|kept| kept.value)
    }

    /// Keeps what was read after the version was, and takes about `bytes`.
    pub fn keep(&self, key: K, version: i64, value: V, bytes: u64) -> Arc<V> {
        let value = Arc::new(value);
        self.0.kept.insert(key, Kept { value: Arc::clone(&value), version, bytes, since: Instant::now() });
        value
    }
}

impl<K, V> Clone for Readings<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V> Clone for Kept<V> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE_MAX: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn a_reading_stands_for_its_version_and_for_its_time() {
        let readings = Readings::new("test", 1 << 20, AGE_MAX);
        assert_eq!(readings.get(&"prices", 3), None);
        readings.keep("prices", 3, "a list", 6);
        assert_eq!(readings.get(&"prices", 3).as_deref(), Some(&"a list"));
        assert_eq!((readings.get(&"prices", 4), readings.get(&"people", 3)), (None, None));
        tokio::time::advance(AGE_MAX).await;
        assert_eq!(readings.get(&"prices", 3), None);
    }

    #[tokio::test(start_paused = true)]
    async fn readings_take_no_more_room_than_there_is() {
        let readings = Readings::new("test", 64 << 10, AGE_MAX);
        for key in 0..1_000 {
            readings.keep(key, 1, (), 1 << 10);
        }
        let kept = (0..1_000).filter(|key| readings.get(key, 1).is_some()).count();
        assert!((1..=64).contains(&kept), "{kept}");
    }
}
