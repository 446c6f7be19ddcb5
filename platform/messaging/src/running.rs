//! All of messaging in one process: which services take part, and the tasks that serve them.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::watch;
use tracing::{info, warn};

use base::Timestamp;
use runtime::{OnError, Shutdown, TaskKind};
use storage::{Database, Tx};

use crate::{
    Bus, Consumer, Result,
    consumer::{delivery::Deliverer, inbox},
    metrics, outbox,
    relay::Relay,
};

const RELAY: TaskKind = TaskKind::new("outbox-relay", OnError::Stop);
const CONSUMER: TaskKind = TaskKind::new("event-consumer", OnError::Stop);
const SWEEPER: TaskKind = TaskKind::new("event-sweeper", OnError::Log).aborted();

/// How long a loop rests when nobody wakes it; what another process emitted is found by then.
const POLL: Duration = Duration::from_millis(500);
/// Pauses between the looks after a wake: an emission is seen before its commit.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(2), Duration::from_millis(4), Duration::from_millis(16), Duration::from_millis(64)];
/// Longest rest after failures.
const REST_MAX: Duration = Duration::from_secs(10);
/// How often old events are removed.
const SWEEP_INTERVAL: Duration = Duration::from_hours(1);
/// How long events are kept on the bus, and can be replayed.
pub const EVENTS_KEPT: Duration = Duration::from_hours(24 * 30);
/// How long a consumer remembers what it handled; longer than the bus keeps it.
const INBOX_KEPT: Duration = Duration::from_hours(24 * 32);
/// How long dead letters are kept.
const DEAD_LETTERS_KEPT: Duration = Duration::from_hours(24 * 180);
/// Rounds of [`Messaging::drain`]; more means that consumers feed each other for ever.
const ROUNDS_MAX: usize = 10_000;

/// The services that take part in messaging, and the bus between them. Cloning is cheap.
#[derive(Clone)]
pub struct Messaging {
    bus: Arc<dyn Bus>,
    members: Vec<Member>,
}

#[derive(Clone)]
struct Member {
    database: Database,
    consumers: Vec<Arc<Consumer>>,
}

impl Messaging {
    /// Returns messaging over `bus`, without services.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus, members: Vec::new() }
    }

    /// Adds a service: its database, which has [`SCHEMA`](crate::SCHEMA), and its consumers.
    #[must_use]
    pub fn with(mut self, database: Database, consumers: Vec<Consumer>) -> Self {
        self.members.push(Member { database, consumers: consumers.into_iter().map(Arc::new).collect() });
        self
    }

    /// Starts a relay per database and shard, a task per consumer and shard, and the sweeper.
    pub fn start(&self, shutdown: &Shutdown) {
        for relay in self.relays() {
            let end = shutdown.clone();
            let step = move || {
                let relay = relay.clone();
                async move { relay.step().await }.boxed()
            };
            let pace = Pace { task: RELAY.name, news: outbox::emissions(), looks: &LOOKS };
            shutdown.spawn(RELAY, repeat(end, pace, step));
        }
        for deliverer in self.deliverers() {
            let end = shutdown.clone();
            let step = move || {
                let deliverer = deliverer.clone();
                async move { deliverer.step().await }.boxed()
            };
            let pace = Pace { task: CONSUMER.name, news: self.bus.news(), looks: &[] };
            shutdown.spawn(CONSUMER, repeat(end, pace, step));
        }
        let messaging = self.clone();
        shutdown.spawn(SWEEPER, async move { messaging.sweep_for_ever().await });
    }

    /// Relays and delivers until nothing is left that is due now; returns how many steps had work. For tests and for the command
    /// line: no waiting, no tasks.
    pub async fn drain(&self) -> Result<usize> {
        let (relays, deliverers) = (self.relays(), self.deliverers());
        let mut busy = 0;
        for _ in 0..ROUNDS_MAX {
            let mut moved = 0;
            for relay in &relays {
                moved += relay.step().await?;
            }
            for deliverer in &deliverers {
                moved += deliverer.step().await?;
            }
            if moved == 0 {
                return Ok(busy);
            }
            busy += 1;
        }
        warn!(rounds = ROUNDS_MAX, "events did not come to rest");
        Ok(busy)
    }

    /// Lets a consumer see again everything published at or after `from`; returns false when there is no such consumer here.
    pub async fn replay(&self, consumer: &str, from: Timestamp) -> Result<bool> {
        let mut found = false;
        for member in &self.members {
            for consumer in member.consumers.iter().filter(|known| known.name() == consumer) {
                replay(&*self.bus, &member.database, consumer.name(), from).await?;
                found = true;
            }
        }
        Ok(found)
    }

    /// Removes events, inbox rows and dead letters that are older than they are kept; returns how many.
    pub async fn sweep(&self) -> Result<u64> {
        let mut swept = 0;
        let Some(first) = self.members.first() else { return Ok(0) };
        let before = first.database.ambient().now().minus(EVENTS_KEPT);
        for shard in 0..first.database.shards() {
            swept += self.bus.sweep(shard, before).await?;
        }
        for member in &self.members {
            for shard in 0..member.database.shards() {
                let database = &member.database;
                swept += database.system(shard, SWEEPER.name, |tx| sweep_inbox(tx).boxed()).await?;
            }
        }
        Ok(swept)
    }

    async fn sweep_for_ever(&self) {
        loop {
            tokio::time::sleep(SWEEP_INTERVAL).await;
            match self.sweep().await {
                Ok(0) => {}
                Ok(count) => info!(count, "old events removed"),
                Err(error) => warn!(error = runtime::chain(&error), "old events were not removed"),
            }
        }
    }

    fn relays(&self) -> Vec<Relay> {
        let of = |member: &Member| {
            let (database, bus) = (member.database.clone(), Arc::clone(&self.bus));
            (0..member.database.shards()).map(move |shard| Relay {
                database: database.clone(),
                shard,
                bus: Arc::clone(&bus),
            })
        };
        self.members.iter().flat_map(of).collect()
    }

    fn deliverers(&self) -> Vec<Deliverer> {
        let mut all = Vec::new();
        for member in &self.members {
            for consumer in &member.consumers {
                all.extend((0..member.database.shards()).map(|shard| Deliverer {
                    consumer: Arc::clone(consumer),
                    database: member.database.clone(),
                    shard,
                    bus: Arc::clone(&self.bus),
                }));
            }
        }
        all
    }
}

/// Lets the consumer of this name, which keeps its place in `database`, see again everything published at or after `from`; in
/// whichever process it runs.
pub async fn replay(bus: &dyn Bus, database: &Database, consumer: &'static str, from: Timestamp) -> Result<()> {
    for shard in 0..database.shards() {
        // The inbox first: were it forgotten after the rewind, what is read in between would be passed over.
        database.system(shard, consumer, move |tx| inbox::forget_since(tx, consumer, from).boxed()).await?;
        bus.rewind(shard, consumer, from).await?;
        info!(consumer, shard, "events are replayed");
    }
    Ok(())
}

async fn sweep_inbox(tx: &mut Tx) -> storage::Result<u64> {
    inbox::sweep(tx, INBOX_KEPT, DEAD_LETTERS_KEPT).await
}

/// When a loop looks for work.
struct Pace {
    task: &'static str,
    news: watch::Receiver<u64>,
    looks: &'static [Duration],
}

/// Repeats a step while it has work, and otherwise when there is news or the poll is due; ends between two steps.
async fn repeat(shutdown: Shutdown, mut pace: Pace, step: impl Fn() -> BoxFuture<'static, Result<usize>> + Send) {
    let (mut looks, mut failures) = (pace.looks.iter(), 0_u32);
    while !shutdown.is_cancelled() {
        pace.news.borrow_and_update();
        let rest = match step().await {
            Ok(0) => {
                failures = 0;
                looks.next().copied().unwrap_or(POLL)
            }
            Ok(_) => {
                (looks, failures) = (pace.looks.iter(), 0);
                continue;
            }
            Err(error) => {
                if failures == 0 {
                    warn!(task.name = pace.task, task.error = runtime::chain(&error), "messaging step failed");
                }
                metrics::FAILED_STEPS.with(&[pace.task]).increment();
                failures = failures.saturating_add(1);
                POLL.saturating_mul(1 << failures.min(6)).min(REST_MAX)
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
            news = pace.news.changed(), if failures == 0 => {
                // Not at once: the work is about to be committed, and more of it is likely to come with it.
                if let (Ok(()), Some(first)) = (news, pace.looks.first()) {
                    tokio::time::sleep(*first).await;
                    looks = pace.looks.iter();
                }
            }
        }
    }
}
