//! The engine that all nodes share: asked within a bounded time, and not at all while it is away.
//!
//! Owns the one connection of this process, which carries many calls at once. Never retries: whoever asks has something
//! else to do when there is no answer. Start reading at [`Shared::run`].

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use redis::{AsyncConnectionConfig, Client, RedisError, aio::MultiplexedConnection};
use runtime::{OnError, Shutdown, TaskKind, metrics::Counter};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use crate::metrics;

/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// Between two attempts to connect, and so for how long nobody asks after a call failed.
const RETRY: Duration = Duration::from_millis(500);

/// The shared engine as this process sees it. Cloning is cheap.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    client: Client,
    answer_max: Duration,
    connection: ArcSwapOption<MultiplexedConnection>,
    lost: Notify,
    answered: Counter,
    away: Counter,
}

/// What the engine runs as a whole, with nothing in between.
pub struct Script(redis::Script);

/// The engine did not answer in time, or is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the shared engine is away")]
pub struct Away;

/// The address of the engine is none.
#[derive(Debug, thiserror::Error)]
#[error("the address of the shared engine cannot be used")]
pub struct WrongAddress(#[source] RedisError);

impl Script {
    /// Returns the script with this text in Lua.
    pub fn new(text: &str) -> Self {
        Self(redis::Script::new(text))
    }
}

impl Shared {
    /// Keeps a connection to the engine at `url`, such as `redis://HOST:PORT`, until the node stops. A call waits at most
    /// `answer_max`. Returns at once: an engine that is away keeps nobody from starting.
    pub fn follow(url: &str, answer_max: Duration, shutdown: &Shutdown) -> Result<Self, WrongAddress> {
        const FOLLOW: TaskKind = TaskKind::new("shared-cache", OnError::Stop).aborted();
        let shared = Self(Arc::new(Inner {
            client: Client::open(url).map_err(WrongAddress)?,
            answer_max,
            connection: ArcSwapOption::empty(),
            lost: Notify::new(),
            answered: metrics::SHARED_CALLS.with(&["answered"]),
            away: metrics::SHARED_CALLS.with(&["away"]),
        }));
        let inner = Arc::clone(&shared.0);
        shutdown.spawn(FOLLOW, async move { inner.keep_connected().await });
        Ok(shared)
    }

    /// Returns whether there is a connection.
    pub fn is_here(&self) -> bool {
        self.0.connection.load().is_some()
    }

    /// Runs `script` over these keys and numbers, and returns the numbers it answers with.
    pub async fn run(&self, script: &Script, keys: &[String], arguments: &[u64]) -> Result<Vec<i64>, Away> {
        let outcome = self.0.run(script, keys, arguments).await;
        let counter = if outcome.is_ok() { &self.0.answered } else { &self.0.away };
        counter.increment();
        outcome
    }
}

impl Inner {
    async fn run(&self, script: &Script, keys: &[String], arguments: &[u64]) -> Result<Vec<i64>, Away> {
        let mut connection = self.connection.load_full().map(|connection| (*connection).clone()).ok_or(Away)?;
        let mut invocation = script.0.prepare_invoke();
        for key in keys {
            invocation.key(key);
        }
        for argument in arguments {
            invocation.arg(*argument);
        }
        match timeout(self.answer_max, invocation.invoke_async(&mut connection)).await {
            Ok(Ok(numbers)) => Ok(numbers),
            Ok(Err(error)) => Err(self.lose(&error)),
            Err(late) => Err(self.lose(&late)),
        }
    }

    /// Takes the connection away from everybody, so that only one call waits for an engine that hangs.
    fn lose(&self, error: &(dyn std::error::Error + 'static)) -> Away {
        if self.connection.swap(None).is_some() {
            warn!(error = %runtime::chain(error), "shared engine is away");
            metrics::SHARED_CONNECTED.with(&[]).set(0);
            self.lost.notify_one();
        }
        Away
    }

    async fn keep_connected(&self) {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT_MAX));
        loop {
            let connected = self.client.get_multiplexed_async_connection_with_config(&config).await;
            if let Ok(connection) = connected {
                info!("shared engine is there");
                metrics::SHARED_CONNECTED.with(&[]).set(1);
                self.connection.store(Some(Arc::new(connection)));
                self.lost.notified().await;
            }
            sleep(RETRY).await;
        }
    }
}
