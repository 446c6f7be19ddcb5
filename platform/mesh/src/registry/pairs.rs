//! Keys and values that others keep at the registry, as Consul's clients do: small settings, read by templates and watched.
//!
//! Owns the pairs and what they rest in: a file, or the store that registries share. A change is acknowledged when it rests
//! there. Never on the way of a request, and nothing of the installation's own. Start reading at `Pairs::change`.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use crypto::base64url;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};
use tracing::warn;

use super::{nats, snapshot::replace};
use crate::Error;

/// Most characters of a key.
pub const KEY_CHARS_MAX: usize = 512;
/// Most bytes of a value, as in Consul.
pub const VALUE_BYTES_MAX: usize = 512 << 10;
/// Most pairs.
pub const PAIRS_MAX: usize = 10_000;
/// Most bytes of all keys and values together.
pub const BYTES_MAX: usize = 16 << 20;

/// The index before any change: Consul's clients take 0 for none.
const NONE: u64 = 1;

/// A value, and when it was written: indices count all changes of pairs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    #[serde(with = "as_text")]
    pub(super) value: Vec<u8>,
    /// A number that means something to whoever wrote it.
    pub(super) flags: u64,
    pub(super) create_index: u64,
    pub(super) modify_index: u64,
}

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Put { value: Vec<u8>, flags: u64 },
    Delete,
}

/// Why a change cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The key is empty, too long, or has control characters.
    #[error("a key has 1 to {KEY_CHARS_MAX} characters, none of them a control character")]
    Key,
    /// The value is too long.
    #[error("Value exceeds {VALUE_BYTES_MAX} byte limit")]
    Value,
    /// There is no room for it.
    #[error("the registry keeps at most {PAIRS_MAX} pairs of {BYTES_MAX} bytes together")]
    Full,
}

/// All pairs by their keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Book {
    /// The index of the last change; [`NONE`] before the first.
    index: u64,
    pairs: BTreeMap<String, Pair>,
}

/// What the pairs rest in.
enum Rest {
    File(PathBuf),
    Store(Arc<nats::Store>),
}

/// The pairs of a registry.
pub(super) struct Pairs {
    book: RwLock<Book>,
    index: watch::Sender<u64>,
    rest: OnceLock<Rest>,
    /// Whoever changes a file does so alone.
    changing: Mutex<()>,
}

impl Pairs {
    pub(super) fn new() -> Self {
        let book = Book { index: NONE, pairs: BTreeMap::new() };
        let (book, rest, changing) = (RwLock::new(book), OnceLock::new(), Mutex::default());
        Self { book, index: watch::Sender::new(NONE), rest, changing }
    }

    /// Takes in what the file `path` holds, and rests there from now on. A file that cannot be read is put aside.
    pub(super) fn rest_in(&self, path: PathBuf) {
        match read(&path) {
            Ok(book) => {
                self.index.send_replace(book.index);
                *self.book.write() = book;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                warn!(%error, pairs.path = %path.display(), "registry's pairs cannot be read and are put aside");
                let _ = fs::rename(&path, path.with_extension("broken"));
            }
        }
        let _ = self.rest.set(Rest::File(path));
    }

    /// Rests in the store that registries share from now on.
    pub(super) fn share(&self, store: Arc<nats::Store>) {
        let _ = self.rest.set(Rest::Store(store));
    }

    pub(super) fn get(&self, key: &str) -> Option<Pair> {
        self.book.read().pairs.get(key).cloned()
    }

    /// Returns the pairs whose keys begin with `prefix`, in their order.
    pub(super) fn under(&self, prefix: &str) -> Vec<(String, Pair)> {
        let book = self.book.read();
        let from = book.pairs.range(prefix.to_owned()..);
        from.take_while(|(key, _)| key.starts_with(prefix)).map(|(key, pair)| (key.clone(), pair.clone())).collect()
    }

    /// Waits until something changed after `index`, or for `wait`; returns the index of the last change.
    pub(super) async fn wait_past(&self, index: Option<u64>, wait: Duration) -> u64 {
        if let Some(index) = index {
            let mut changed = self.index.subscribe();
            // An index that went back is of another run: its holder has to begin anew.
            let _ = tokio::time::timeout(wait, changed.wait_for(|current| *current != index)).await;
        }
        *self.index.borrow()
    }

    /// Makes a change, if the pair was changed last at `seen`; `None` does not mind, and 0 means that there is none. Returns
    /// whether it was made, when it rests.
    pub(super) async fn change(&self, key: &str, change: Change, seen: Option<u64>) -> Result<bool, Error> {
        self.check(key, &change)?;
        if let Some(Rest::Store(store)) = self.rest.get() {
            let known = self.get(key);
            if seen.is_some_and(|seen| seen != known.as_ref().map_or(0, |pair| pair.modify_index)) {
                return Ok(false);
            }
            let created = known.map(|pair| pair.create_index);
            return match change {
                Change::Put { value, flags } => store.keep_pair(key, &Held { value, flags, created }, seen).await,
                Change::Delete => store.forget_pair(key, seen).await,
            };
        }
        let _alone = self.changing.lock().await;
        let mut book = self.book.read().clone();
        if seen.is_some_and(|seen| seen != book.pairs.get(key).map_or(0, |pair| pair.modify_index)) {
            return Ok(false);
        }
        let index = book.index + 1;
        match change {
            Change::Delete if !book.pairs.contains_key(key) => return Ok(true),
            Change::Put { value, flags } => book.put(key, Held { value, flags, created: None }, index),
            Change::Delete => book.take_out(key, index),
        }
        if let Some(Rest::File(path)) = self.rest.get() {
            let (path, text) = (path.clone(), serde_json::to_vec(&book).map_err(Error::Answer)?);
            let written = tokio::task::spawn_blocking(move || replace(&path, &text)).await;
            written.map_err(|error| Error::Store(error.into()))?.map_err(|error| Error::Store(error.into()))?;
        }
        *self.book.write() = book;
        self.index.send_replace(index);
        Ok(true)
    }

    /// Does what was read in the store: a pair came or changed, or went.
    pub(super) fn follow(&self, key: &str, held: Option<Held>, index: u64) {
        let mut book = self.book.write();
        match held {
            Some(held) => book.put(key, held, index),
            None => book.take_out(key, index),
        }
        drop(book);
        self.index.send_replace(index);
    }

    fn check(&self, key: &str, change: &Change) -> Result<(), Error> {
        if key.is_empty() || key.chars().count() > KEY_CHARS_MAX || key.contains(char::is_control) {
            return Err(Refused::Key.into());
        }
        let Change::Put { value, .. } = change else { return Ok(()) };
        if value.len() > VALUE_BYTES_MAX {
            return Err(Refused::Value.into());
        }
        let book = self.book.read();
        let others = book.pairs.iter().filter(|(other, _)| *other != key);
        let (count, bytes) =
            others.fold((0, 0), |(count, bytes), (key, pair)| (count + 1, bytes + key.len() + pair.value.len()));
        let fits = count < PAIRS_MAX && bytes + key.len() + value.len() <= BYTES_MAX;
        if fits { Ok(()) } else { Err(Refused::Full.into()) }
    }
}

impl Book {
    fn put(&mut self, key: &str, held: Held, index: u64) {
        let before = self.pairs.get(key).map(|pair| pair.create_index);
        let create_index = held.created.or(before).unwrap_or(index);
        let pair = Pair { value: held.value, flags: held.flags, create_index, modify_index: index };
        self.pairs.insert(key.to_owned(), pair);
        self.index = index;
    }

    fn take_out(&mut self, key: &str, index: u64) {
        self.pairs.remove(key);
        self.index = index;
    }
}

/// A pair as the shared store holds it, where its revision is the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    #[serde(with = "as_text")]
    value: Vec<u8>,
    flags: u64,
    created: Option<u64>,
}

fn read(path: &Path) -> io::Result<Book> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// Bytes as a JSON string.
mod as_text {
    use super::{Deserialize, base64url};

    pub(super) fn serialize<S: serde::Serializer>(value: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&base64url::encode(value))
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        base64url::decode(&text).ok_or_else(|| serde::de::Error::custom("not base64url"))
    }
}

#[cfg(test)]
mod tests;
