//! The bus over NATS JetStream: a stream per shard, subjects `PREFIX.events.SHARD.TENANT.TYPE`, cursors in another stream.
//!
//! Owns the connection and the order of publishing. Never acknowledges what its [`Durability`] does not hold for, and never
//! waits for a server that is away, but at its start: events stay in the outbox until it is back. Works with servers from 2.9.
//! Start reading at [`JetStream::connect`].

mod cursors;
mod message;
mod reader;

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use async_nats::{
    Client, ConnectOptions, ServerAddr,
    connection::State,
    datetime,
    jetstream::{
        self, Context,
        consumer::DeliverPolicy,
        stream::{Config, StorageType, Stream},
    },
};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, future::try_join_all};
use percent_encoding::percent_decode_str;
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, timeout, timeout_at},
};
use tracing::{info, warn};

use base::Timestamp;
use runtime::{OnError, Shutdown, TaskKind};

use self::{cursors::Cursors, reader::Readers};
use super::{Batch, Bus, Delivery, Durability, Position};
use crate::{EVENTS_KEPT, Envelope, Error, Future, Result};

const NEWS: TaskKind = TaskKind::new("bus-news", OnError::Log).aborted();
/// How long the server is given to answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// How long the server knows an id again. What a relay publishes later than that a second time, the inbox passes over.
const DUPLICATES_KNOWN: Duration = Duration::from_mins(10);
/// Longest pause between attempts to connect.
const RECONNECT_MAX: Duration = Duration::from_secs(2);

/// How to reach the servers and what to keep there.
#[derive(Clone)]
pub struct Settings {
    /// Addresses of the servers, between commas: `nats://HOST:PORT`, `nats://USER:PASSWORD@HOST:PORT`, or `tls://`.
    pub url: String,
    /// A `.creds` file of NATS's own kind, where the servers want one.
    pub credentials: Option<PathBuf>,
    /// What the names of streams and subjects begin with: letters, digits and `-`.
    pub prefix: String,
    /// Servers that keep each stream, 1 to 5.
    pub replicas: usize,
}

/// The bus over NATS JetStream. Cloning is cheap.
#[derive(Clone)]
pub struct JetStream(Arc<Link>);

struct Link {
    client: Client,
    context: Context,
    settings: Settings,
    streams: Mutex<HashMap<usize, Arc<Stream>>>,
    cursors: Cursors,
    readers: Readers,
    news: watch::Sender<u64>,
    /// Whether a connection ever stood.
    stood: watch::Receiver<bool>,
    /// How long the first connection is waited for.
    first_until: Instant,
}

impl JetStream {
    /// Begins to connect, and returns at once: a server that is away now is used when it is there. An address or a file of
    /// credentials that cannot be read is an error.
    pub async fn connect(settings: Settings, shutdown: &Shutdown) -> Result<Self> {
        let (standing, stood) = watch::channel(false);
        let mut options = ConnectOptions::new()
            .name("fpms")
            .retry_on_initial_connect()
            .connection_timeout(ANSWER_MAX)
            .request_timeout(Some(ANSWER_MAX))
            .reconnect_delay_callback(|attempts| {
                Duration::from_millis(50).saturating_mul(1 << attempts.min(6)).min(RECONNECT_MAX)
            })
            .event_callback(move |event| {
                log(&event);
                if matches!(event, async_nats::Event::Connected) {
                    standing.send_replace(true);
                }
                async {}
            });
        if let Some(file) = &settings.credentials {
            options = options.credentials_file(file).await.map_err(away)?;
        }
        let addresses = settings.url.split(',').map(|url| url.trim().parse());
        let addresses: Vec<ServerAddr> = addresses.collect::<std::io::Result<_>>().map_err(away)?;
        if let Some(named) = addresses.iter().find(|address| address.has_user_pass()) {
            options = options.user_and_password(plain(named.username()), plain(named.password()));
        }
        let client = options.connect(addresses).await.map_err(away)?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(ANSWER_MAX);
        let news = watch::Sender::default();
        shutdown.spawn(NEWS, listen(client.clone(), format!("{}.news", settings.prefix), news.clone()));
        let (streams, cursors, readers) = (Mutex::default(), Cursors::default(), Readers::default());
        let first_until = Instant::now() + ANSWER_MAX;
        Ok(Self(Arc::new(Link { client, context, settings, streams, cursors, readers, news, stood, first_until })))
    }

    async fn append(&self, shard: usize, events: Vec<Envelope>) -> Result<()> {
        self.0.stream(shard).await?;
        for wave in waves(events) {
            let mut acknowledgements = Vec::with_capacity(wave.len());
            for event in wave {
                let subject = format!("{}.events.{shard}.{}", self.0.settings.prefix, message::subject(&event));
                let headers = message::headers(&event);
                let sent = self.0.context.publish_with_headers(subject, headers, event.data.into()).await;
                acknowledgements.push(sent.map_err(away)?.into_future());
            }
            try_join_all(acknowledgements).await.map_err(away)?;
        }
        self.0.client.publish(format!("{}.news", self.0.settings.prefix), Bytes::new()).await.map_err(away)
    }

    async fn rewound(&self, shard: usize, consumer: &str, from: Timestamp) -> Result<()> {
        // Nothing that new is kept: the reader stays where it is.
        let Some(first) = self.first(shard, from).await? else { return Ok(()) };
        let rewound = move |found: Position| Some(Position { sequence: first - 1, generation: found.generation + 1 });
        self.0.cursors.set(&self.0, (shard, consumer), rewound).await?;
        self.0.news.send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }

    async fn first(&self, shard: usize, from: Timestamp) -> Result<Option<i64>> {
        let start_time = datetime::from_nanos(i128::from(from.as_micros()) * 1_000).map_err(Error::Bus)?;
        let first = reader::first(&*self.0.stream(shard).await?, DeliverPolicy::ByStartTime { start_time }).await?;
        Ok(first.map(|first| i64::try_from(first).unwrap_or(i64::MAX)))
    }

    /// Bounds what is asked of the server, and forgets the stream after a failure: it may have to be made again.
    fn bounded<'a, T: Send + 'a>(
        &'a self,
        shard: usize,
        work: impl std::future::Future<Output = Result<T>> + Send + 'a,
    ) -> Future<'a, T> {
        async move {
            self.0.first_connection().await;
            if self.0.client.connection_state() != State::Connected {
                return Err(away("not connected to NATS"));
            }
            let outcome = timeout(ANSWER_MAX * 2, work).await.unwrap_or_else(|late| Err(away(late)));
            if outcome.is_err() {
                self.0.streams.lock().await.remove(&shard);
            }
            outcome
        }
        .boxed()
    }
}

impl Bus for JetStream {
    fn durability(&self) -> Durability {
        if self.0.settings.replicas > 1 { Durability::Replicated } else { Durability::Memory }
    }

    fn publish(&self, shard: usize, events: Vec<Envelope>) -> Future<'_, ()> {
        self.bounded(shard, self.append(shard, events))
    }

    fn fetch(&self, shard: usize, consumer: &'static str, limit: u32) -> Future<'_, Batch> {
        self.bounded(shard, async move {
            let mut position = self.0.cursors.get(&self.0, shard, consumer).await?;
            let stream = self.0.stream(shard).await?;
            let of = (shard, consumer.to_owned());
            let (deliveries, read) = self.0.readers.read(&stream, of, position.sequence, limit).await?;
            let passed_over = deliveries.is_empty() && read > position.sequence;
            position.sequence = read;
            Ok(Batch { deliveries, position, passed_over })
        })
    }

    fn acknowledge(&self, shard: usize, consumer: &'static str, position: Position) -> Future<'_, ()> {
        self.bounded(shard, async move {
            let on = move |found: Position| {
                (found.generation == position.generation && found.sequence < position.sequence).then_some(position)
            };
            self.0.cursors.set(&self.0, (shard, consumer), on).await
        })
    }

    fn rewind(&self, shard: usize, consumer: &'static str, from: Timestamp) -> Future<'_, ()> {
        self.bounded(shard, self.rewound(shard, consumer, from))
    }

    fn behind(&self, shard: usize, consumer: String) -> Future<'_, i64> {
        self.bounded(shard, async move {
            let position = self.0.cursors.get(&self.0, shard, &consumer).await?;
            let state = self.0.stream(shard).await?.get_info().await.map_err(away)?.state;
            let read = position.sequence.unsigned_abs().max(state.first_sequence.saturating_sub(1));
            Ok(i64::try_from(state.last_sequence.saturating_sub(read)).unwrap_or(i64::MAX))
        })
    }

    fn sweep(&self, shard: usize, before: Timestamp) -> Future<'_, u64> {
        self.bounded(shard, async move {
            let kept = self.first(shard, before).await?;
            let purge = self.0.stream(shard).await?;
            let purged = match kept {
                // Everything below this sequence goes.
                Some(kept) => purge.purge().sequence(kept.unsigned_abs()).await,
                None => purge.purge().await,
            };
            Ok(purged.map_err(away)?.purged)
        })
    }

    fn read(&self, shard: usize, after: i64, limit: u32) -> Future<'_, Vec<Delivery>> {
        self.bounded(shard, async move {
            let stream = self.0.stream(shard).await?;
            self.0.readers.read(&stream, (shard, String::new()), after, limit).await.map(|(events, _)| events)
        })
    }

    fn first_from(&self, shard: usize, from: Timestamp) -> Future<'_, Option<i64>> {
        self.bounded(shard, self.first(shard, from))
    }

    fn news(&self) -> watch::Receiver<u64> {
        self.0.news.subscribe()
    }
}

impl Link {
    /// Waits for the first connection, which a command that publishes at once is ahead of. A server that does not come in
    /// that time is away, and nobody waits for it again.
    async fn first_connection(&self) {
        let mut stood = self.stood.clone();
        // The state of the connection says how it went.
        let _ = timeout_at(self.first_until, stood.wait_for(|stood| *stood)).await;
    }

    /// Returns the stream of a shard, made when it is not there.
    async fn stream(&self, shard: usize) -> Result<Arc<Stream>> {
        let mut streams = self.streams.lock().await;
        if let Some(stream) = streams.get(&shard) {
            return Ok(Arc::clone(stream));
        }
        let prefix = &self.settings.prefix;
        let wanted = Config {
            name: format!("{prefix}-events-{shard}"),
            subjects: vec![format!("{prefix}.events.{shard}.>")],
            storage: StorageType::File,
            num_replicas: self.settings.replicas,
            max_age: EVENTS_KEPT,
            duplicate_window: DUPLICATES_KNOWN,
            ..Config::default()
        };
        let stream = self.context.get_or_create_stream(wanted).await.map_err(away)?;
        let found = stream.cached_info().config.clone();
        if found.num_replicas != self.settings.replicas {
            let mended = Config { num_replicas: self.settings.replicas, ..found };
            self.context.update_stream(mended).await.map_err(away)?;
        }
        let stream = Arc::new(stream);
        streams.insert(shard, Arc::clone(&stream));
        Ok(stream)
    }
}

/// Cuts events into waves, each with at most one event of a key. A wave goes out when the one before is acknowledged, so that a
/// lost message can never be overtaken by a later one of its key.
fn waves(events: Vec<Envelope>) -> Vec<Vec<Envelope>> {
    let mut waves: Vec<Vec<Envelope>> = Vec::new();
    let mut turns: HashMap<_, usize> = HashMap::new();
    for event in events {
        let turn = turns.entry((event.tenant, event.key)).or_default();
        match waves.get_mut(*turn) {
            Some(wave) => wave.push(event),
            None => waves.push(vec![event]),
        }
        *turn += 1;
    }
    waves
}

/// Turns every word of news into a new count.
async fn listen(client: Client, subject: String, news: watch::Sender<u64>) {
    match client.subscribe(subject).await {
        Ok(mut words) => {
            while words.next().await.is_some() {
                news.send_modify(|count| *count = count.wrapping_add(1));
            }
        }
        // Events are still found, at the next poll.
        Err(error) => warn!(error = runtime::chain(&error), "no news from the bus"),
    }
}

/// Returns a user or a password of an address as it was meant.
fn plain(part: Option<&str>) -> String {
    percent_decode_str(part.unwrap_or_default()).decode_utf8_lossy().into_owned()
}

fn log(event: &async_nats::Event) {
    match event {
        async_nats::Event::Connected => info!("connected to NATS"),
        event => warn!(bus.event = %event, "the connection to NATS changed"),
    }
}

fn away(source: impl Into<storage::Source>) -> Error {
    Error::Bus(source.into())
}
