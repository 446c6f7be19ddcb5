//! The two things a program takes from its surroundings, time and chance, behind one seam that tests can hold.

use std::{fmt, sync::Arc};

use uuid::{Builder, Uuid};

use crate::{Id, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns the time of day.
    fn now(&self) -> Timestamp;
}

/// Gives unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes` with bytes fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}

/// Time and chance, handed to whatever needs them. Cloning is cheap.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Ambient {
    /// Returns the pair of these two sources.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// Returns the time of day.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns `N` unpredictable bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// Makes a new id: UUIDv7 (RFC 9562), so that ids sort by the time they were made.
    pub fn id<T: Id>(&self) -> T {
        T::from(self.uuid())
    }

    fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_micros() / 1_000).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ambient")
    }
}
