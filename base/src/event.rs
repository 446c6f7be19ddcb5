//! What makes a value an event: a fact that happened, published to whoever cares.

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// A fact that happened, in the past tense. Fields may be added to it, never removed or given another meaning.
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Stable type, `service.noun.verb_in_past_tense`, for example `identity.person.changed`.
    const TYPE: &'static str;

    /// Returns what it happened to; events of one key are delivered in order.
    fn key(&self) -> Uuid;
}
