//! The catalogue shared by any number of registries, in two buckets of NATS's key-value store (servers from 2.9).
//!
//! Owns the keys and the order of things: what one registry decides it writes there, and every registry, itself included,
//! does what it reads there, in the order of the store. Never trusts the store's clock: each registry ends leases by its own,
//! counted from when it last read of a node, and stands still while the store is away. Start reading at `Store::open`.
//!
//! `PREFIX-registry-leased` holds what is renewed, and forgets by itself what no longer is: `node.SERVICE.ID`,
//! `verdict.SERVICE.ID.REPORTER`, `word.SERVICE.ID.CHECK`. `PREFIX-registry-kept` holds what stays until somebody takes it
//! out: nodes of others, `order.SERVICE.ID`, and `pair.KEY`, which are others' own.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use async_nats::{
    Client, ConnectOptions, ServerAddr,
    connection::State,
    jetstream::{
        self,
        kv::{Entry, Operation, Store as Bucket},
        stream::{Config, DiscardPolicy, StorageType},
    },
};
use bytes::Bytes;
use crypto::base64url;
use futures_util::{StreamExt, future::try_join_all};
use parking_lot::Mutex;
use runtime::{OnError, Shutdown, TaskKind};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{broadcast::error::RecvError, watch},
    time::{sleep, timeout},
};
use tracing::{info, warn};

use super::{Event, EventKind, Order, Registry, Verdict, checks::Health};
use crate::{Error, Node, NodeId, NodeKey, node::Tenure};

mod pairs;

/// How long the servers are given to answer, and this registry to read what it wrote.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// How long what is no longer renewed is remembered, deletions included: far longer than any lease.
const LEASED_KEPT: Duration = Duration::from_mins(10);
const RETRY: Duration = Duration::from_millis(200);

/// How to reach the servers and what to keep there.
#[derive(Clone)]
pub struct Settings {
    /// Addresses of the servers, between commas: `nats://HOST:PORT`, `nats://USER:PASSWORD@HOST:PORT`, or `tls://`.
    pub url: String,
    /// A `.creds` file of NATS's own kind, where the servers want one.
    pub credentials: Option<PathBuf>,
    /// What the names of buckets begin with: letters, digits and `-`.
    pub prefix: String,
    /// Servers that keep each bucket, 1 to 5.
    pub replicas: usize,
}

/// The buckets, as one registry sees them.
pub(super) struct Store {
    client: Client,
    leased: Shelf,
    kept: Shelf,
}

/// A bucket, and how far this registry has read it.
struct Shelf {
    bucket: Bucket,
    read: watch::Sender<u64>,
    /// The revision of each key that is there.
    revisions: Mutex<HashMap<String, u64>>,
}

/// What a node, or somebody for it, says by a check.
#[derive(Serialize, Deserialize)]
struct Word {
    health: Health,
    output: String,
}

/// What a key is about.
enum Subject {
    Node(NodeKey),
    Order(NodeKey),
    Verdict(NodeKey, NodeId),
    Word(NodeKey, String),
    Pair(String),
}

impl Store {
    /// Opens the buckets, made where there are none, and begins to do in `registry` what is read there. Returns when all
    /// that is there has been read.
    pub(super) async fn open(
        settings: &Settings,
        registry: &Arc<Registry>,
        shutdown: &Shutdown,
    ) -> Result<Arc<Self>, Error> {
        const FOLLOW: TaskKind = TaskKind::new("registry-store", OnError::Stop).aborted();
        const CLEAN: TaskKind = TaskKind::new("registry-store-cleaner", OnError::Stop).aborted();
        let client = connect(settings).await?;
        let context = jetstream::new(client.clone());
        let open = async |name: &str, max_age| {
            let bucket = format!("{}-registry-{name}", settings.prefix);
            // A bucket is a stream of this form. The client's own way to make one asks what servers before 2.10 do not answer.
            let config = Config {
                name: format!("KV_{bucket}"),
                subjects: vec![format!("$KV.{bucket}.>")],
                max_messages_per_subject: 1,
                max_age,
                discard: DiscardPolicy::New,
                storage: StorageType::File,
                num_replicas: settings.replicas,
                allow_rollup: true,
                deny_delete: true,
                allow_direct: true,
                ..Config::default()
            };
            context.get_or_create_stream(config).await.map_err(away)?;
            let bucket = context.get_key_value(&bucket).await.map_err(away)?;
            Ok::<_, Error>(Shelf { bucket, read: watch::Sender::new(0), revisions: Mutex::default() })
        };
        let (leased, kept) = (open("leased", LEASED_KEPT).await?, open("kept", Duration::ZERO).await?);
        let store = Arc::new(Self { client, leased, kept });
        let mut whole = Vec::new();
        for is_leased in [true, false] {
            let (all, read) = watch::channel(false);
            let (store, registry) = (Arc::clone(&store), Arc::clone(registry));
            shutdown.spawn(FOLLOW, async move { store.follow(is_leased, &registry, &all).await });
            whole.push(read);
        }
        for mut read in whole {
            let read = timeout(ANSWER_MAX * 3, read.wait_for(|all| *all)).await;
            read.map_err(away)?.map_err(away)?;
        }
        let (events, cleaner) = (registry.events(), Arc::clone(&store));
        shutdown.spawn(CLEAN, async move { cleaner.clean(events).await });
        Ok(store)
    }

    /// Returns whether the servers can be reached.
    pub(super) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Enters a node, or replaces its entry.
    pub(super) async fn enter(&self, node: &Node) -> Result<(), Error> {
        self.shelf(node.tenure).put(node_key(&node.key()), json(node)?).await
    }

    /// Renews the leases of nodes.
    pub(super) async fn keep(&self, nodes: &[Arc<Node>]) -> Result<(), Error> {
        let leased = nodes.iter().filter(|node| node.tenure.is_lease());
        let writes = leased.map(|node| async { self.leased.write(node_key(&node.key()), json(node)?).await });
        try_join_all(writes).await.map(drop)
    }

    /// Takes a node out, and what was ordered for it.
    pub(super) async fn leave(&self, node: &Node) -> Result<(), Error> {
        let key = node.key();
        self.kept.delete(format!("order.{}.{}", key.service, key.id)).await?;
        self.shelf(node.tenure).delete(node_key(&key)).await
    }

    pub(super) async fn order(&self, key: &NodeKey, order: &Order) -> Result<(), Error> {
        self.kept.put(format!("order.{}.{}", key.service, key.id), json(order)?).await
    }

    pub(super) async fn hear(&self, verdict: &Verdict) -> Result<(), Error> {
        let key = format!("verdict.{}.{}.{}", verdict.node.service, verdict.node.id, verdict.reporter);
        self.leased.put(key, json(&verdict.failing)?).await
    }

    pub(super) async fn say(&self, key: &NodeKey, check: &str, health: Health, output: &str) -> Result<(), Error> {
        let name = format!("word.{}.{}.{}", key.service, key.id, base64url::encode(check));
        self.leased.put(name, json(&Word { health, output: output.to_owned() })?).await
    }

    fn shelf(&self, tenure: Tenure) -> &Shelf {
        if tenure.is_lease() { &self.leased } else { &self.kept }
    }

    /// Does in `registry` what is read, for ever; says in `whole` when all that was there at the beginning has been read.
    async fn follow(&self, is_leased: bool, registry: &Registry, whole: &watch::Sender<bool>) {
        let place = if is_leased { &self.leased } else { &self.kept };
        loop {
            if let Err(error) = place.follow(registry, whole).await {
                warn!(error = %runtime::chain(&error), "registry's store cannot be read, trying again");
            }
            sleep(RETRY).await;
        }
    }

    /// Takes out of the buckets what this registry took out by its own clock, unless somebody has renewed it meanwhile.
    async fn clean(&self, mut events: tokio::sync::broadcast::Receiver<Event>) {
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            let (place, Some(key)) = (
                match event.kind {
                    EventKind::Expired => &self.leased,
                    EventKind::Left => &self.kept,
                    _ => continue,
                },
                &event.node,
            ) else {
                continue;
            };
            let key = node_key(key);
            let revision = place.revisions.lock().get(&key).copied();
            if revision.is_some() {
                // Renewed meanwhile, or taken out by another registry: either is as it should be.
                let _ = place.bucket.delete_expect_revision(&key, revision).await;
            }
        }
    }
}

impl Shelf {
    /// Writes a value, and waits until this registry has read it.
    async fn put(&self, key: String, value: Bytes) -> Result<(), Error> {
        let revision = self.write(key, value).await?;
        self.has_read(revision).await
    }

    /// Waits until this registry has read as far as `revision`.
    async fn has_read(&self, revision: u64) -> Result<(), Error> {
        let mut read = self.read.subscribe();
        let read = timeout(ANSWER_MAX, read.wait_for(|read| *read >= revision)).await;
        read.map_err(away)?.map(drop).map_err(away)
    }

    async fn write(&self, key: String, value: Bytes) -> Result<u64, Error> {
        timeout(ANSWER_MAX, self.bucket.put(key, value)).await.map_err(away)?.map_err(away)
    }

    /// Deletes a key that is there, and waits until this registry has read that.
    async fn delete(&self, key: String) -> Result<(), Error> {
        if !self.revisions.lock().contains_key(&key) {
            return Ok(());
        }
        timeout(ANSWER_MAX, self.bucket.delete(&key)).await.map_err(away)?.map_err(away)?;
        self.is_gone(&key).await
    }

    /// Waits until this registry has read that a key was deleted.
    async fn is_gone(&self, key: &str) -> Result<(), Error> {
        let mut read = self.read.subscribe();
        let gone = read.wait_for(|_| !self.revisions.lock().contains_key(key));
        timeout(ANSWER_MAX, gone).await.map_err(away)?.map(drop).map_err(away)
    }

    async fn follow(&self, registry: &Registry, whole: &watch::Sender<bool>) -> Result<(), Error> {
        let empty = self.bucket.status().await.map_err(away)?.values() == 0;
        let mut entries = self.bucket.watch_with_history(">").await.map_err(away)?;
        if empty {
            whole.send_replace(true);
        }
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(away)?;
            let (revision, is_last) = (entry.revision, entry.delta == 0);
            let is_news = *whole.borrow();
            if entry.operation == Operation::Put {
                self.revisions.lock().insert(entry.key.clone(), revision);
            } else {
                self.revisions.lock().remove(&entry.key);
            }
            if let Err(error) = apply(registry, &entry, is_news).await {
                warn!(error = %runtime::chain(&*error), store.key = entry.key, "registry's store holds what cannot be followed");
            }
            self.read.send_replace(revision);
            if is_last {
                whole.send_replace(true);
            }
        }
        Ok(())
    }
}

/// Does in `registry` what an entry says.
async fn apply(
    registry: &Registry,
    entry: &Entry,
    is_news: bool,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let subject = subject(&entry.key).ok_or("a key of another kind")?;
    let is_put = entry.operation == Operation::Put;
    match subject {
        Subject::Node(_) if is_put => {
            let node: Node = serde_json::from_slice(&entry.value)?;
            registry.try_change(|catalogue, now| catalogue.enter(&node, now))?;
        }
        Subject::Node(key) => registry.change(|catalogue, _| catalogue.leave(&key).into_iter().collect()),
        Subject::Pair(key) => {
            let held = if is_put { Some(serde_json::from_slice(&entry.value)?) } else { None };
            registry.pairs.follow(&key, held, pairs::index(entry.revision));
        }
        Subject::Order(key) => {
            let order = if is_put { serde_json::from_slice(&entry.value)? } else { Order::default() };
            registry.change(|catalogue, now| catalogue.foresee(&key, order, now));
        }
        // What was said before this registry began is old by an unknown time.
        Subject::Verdict(..) | Subject::Word(..) if !is_news || !is_put => {}
        Subject::Verdict(node, reporter) => {
            let failing = serde_json::from_slice(&entry.value)?;
            registry.change(|catalogue, now| catalogue.hear(&Verdict { reporter, node, failing }, now));
        }
        Subject::Word(key, check) => {
            let Word { health, output } = serde_json::from_slice(&entry.value)?;
            registry.change(|catalogue, now| catalogue.say(&key, (&check, health, &output), now).unwrap_or_default());
        }
    }
    Ok(())
}

fn subject(key: &str) -> Option<Subject> {
    let text = |text: &str| String::from_utf8(base64url::decode(text)?).ok();
    if let Some(key) = key.strip_prefix("pair.") {
        return text(key).map(Subject::Pair);
    }
    let mut parts = key.split('.');
    let kind = parts.next()?;
    let node = NodeKey { service: parts.next()?.to_owned(), id: parts.next()?.parse().ok()? };
    match (kind, parts.next()) {
        ("node", None) => Some(Subject::Node(node)),
        ("order", None) => Some(Subject::Order(node)),
        ("verdict", Some(reporter)) => Some(Subject::Verdict(node, reporter.parse().ok()?)),
        ("word", Some(check)) => Some(Subject::Word(node, text(check)?)),
        _ => None,
    }
}

fn node_key(key: &NodeKey) -> String {
    format!("node.{}.{}", key.service, key.id)
}

fn json(value: &impl Serialize) -> Result<Bytes, Error> {
    Ok(Bytes::from(serde_json::to_vec(value).map_err(Error::Answer)?))
}

async fn connect(settings: &Settings) -> Result<Client, Error> {
    let mut options = ConnectOptions::new()
        .name("fpms-registry")
        .connection_timeout(ANSWER_MAX)
        .request_timeout(Some(ANSWER_MAX))
        .reconnect_delay_callback(|attempts| Duration::from_millis(50).saturating_mul(1 << attempts.min(5)))
        .event_callback(|event| async move { info!(store.event = %event, "registry's connection to NATS changed") });
    if let Some(file) = &settings.credentials {
        options = options.credentials_file(file).await.map_err(away)?;
    }
    let addresses = settings.url.split(',').map(|url| url.trim().parse());
    let addresses: Vec<ServerAddr> = addresses.collect::<std::io::Result<_>>().map_err(away)?;
    if let Some(named) = addresses.iter().find(|address| address.has_user_pass()) {
        let (user, password) = (named.username().unwrap_or_default(), named.password().unwrap_or_default());
        options = options.user_and_password(user.to_owned(), password.to_owned());
    }
    options.connect(addresses).await.map_err(away)
}

fn away(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Store(source.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written_and_others_are_not_ours() {
        let key = NodeKey { service: "shop".to_owned(), id: NodeId::from_u128(7) };
        assert!(matches!(subject(&node_key(&key)), Some(Subject::Node(read)) if read == key));
        assert!(matches!(subject(&pairs::name("shop/a b")), Some(Subject::Pair(read)) if read == "shop/a b"));
        let word = format!("word.shop.{}.{}", key.id, base64url::encode("service:web 1"));
        assert!(matches!(subject(&word), Some(Subject::Word(read, check)) if read == key && check == "service:web 1"));
        for other in ["", "node", "node.shop", "node.shop.7", "other.shop.x", "word.shop", "verdict.shop.x.y", "pair.%"]
        {
            assert!(subject(other).is_none(), "{other}");
        }
    }
}
