//! Consumers: typed handlers of events, each event's effect and its inbox row in one transaction.
//!
//! Owns de-duplication, retries and the order of a key. Never lets a failing event hold up those of other keys.
//! Start reading at [`Consumer`], then `delivery`.

use std::{collections::HashMap, error::Error as StdError, fmt, sync::Arc};

use futures_util::{
    FutureExt, TryFutureExt,
    future::{self, BoxFuture},
};

use base::Event;
use storage::Tx;

use crate::Envelope;

pub(crate) mod delivery;
pub(crate) mod inbox;

/// Attempts before an event is given up, when nothing else is said.
pub const ATTEMPTS_MAX: u32 = 10;

type BoxError = Box<dyn StdError + Send + Sync>;
type Handler = Arc<dyn for<'t, 'd> Fn(&'t mut Tx, &'d str) -> BoxFuture<'t, Result<(), Failure>> + Send + Sync>;

/// A named reader of events and what it does with each type. Its place is durable: it goes on where it stopped.
///
/// ```text
/// Consumer::new("projects.people")
///     .on(|tx, event: PersonChanged| apply(tx, event).boxed())
///     .on(|tx, event: PersonErased| erase(tx, event).boxed())
/// ```
/// A handler runs in a write transaction of its service's own database, with the tenant's system caller, and awaits nothing but
/// that transaction. It may see an event again after [`replay`](crate::Messaging::replay), so its effect is best an upsert.
#[derive(Clone)]
pub struct Consumer {
    name: &'static str,
    attempts_max: u32,
    handlers: HashMap<&'static str, Handler>,
}

/// Why an event was not handled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The database, before or after the handler.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The handler refused.
    #[error(transparent)]
    Handler(BoxError),
    /// The data is not what the type promises; another attempt cannot help.
    #[error("the event's data cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// An earlier event of the same key waits for another attempt.
    #[error("an earlier event of the same key waits")]
    Blocked,
}

impl Consumer {
    /// Returns a consumer that handles nothing yet. The name is stable: `service.purpose`.
    pub fn new(name: &'static str) -> Self {
        Self { name, attempts_max: ATTEMPTS_MAX, handlers: HashMap::new() }
    }

    /// Gives an event up after this many attempts.
    #[must_use]
    pub fn attempts(mut self, attempts_max: u32) -> Self {
        self.attempts_max = attempts_max.max(1);
        self
    }

    /// Handles events of type `E` with `handler`. An error rolls its transaction back and the event is tried again later.
    #[must_use]
    pub fn on<E, X>(
        mut self,
        handler: impl for<'t> Fn(&'t mut Tx, E) -> BoxFuture<'t, Result<(), X>> + Send + Sync + 'static,
    ) -> Self
    where
        E: Event,
        X: Into<BoxError> + 'static,
    {
        let handler = erase(move |tx, data| match serde_json::from_str(data) {
            Ok(event) => handler(tx, event).map_err(|error| Failure::Handler(error.into())).boxed(),
            Err(error) => future::ready(Err(Failure::Unreadable(error))).boxed(),
        });
        let before = self.handlers.insert(E::TYPE, handler);
        debug_assert!(before.is_none(), "{} has two handlers of {}", self.name, E::TYPE);
        self
    }

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the types of event that it handles.
    pub fn types(&self) -> impl Iterator<Item = &'static str> {
        self.handlers.keys().copied()
    }

    fn handles(&self, event_type: &str) -> bool {
        self.handlers.contains_key(event_type)
    }

    async fn apply(&self, tx: &mut Tx, envelope: &Envelope) -> Result<(), Failure> {
        match self.handlers.get(envelope.event_type.as_str()) {
            Some(handler) => handler(tx, &envelope.data).await,
            // Parked by a version that knew the type, and due in one that does not: nothing is left to do.
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Tells the compiler the lifetimes of a handler, which it cannot see through `Arc::new`.
fn erase(
    handler: impl for<'t, 'd> Fn(&'t mut Tx, &'d str) -> BoxFuture<'t, Result<(), Failure>> + Send + Sync + 'static,
) -> Handler {
    Arc::new(handler)
}
