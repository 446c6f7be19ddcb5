//! The route file in force: read at the start, read again when it changes, kept as it was when the new one is wrong.
//!
//! Owns the file and the addresses of its upstreams. Never serves half of a file. Start reading at `RouteFile::look`.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mesh::{Discovery, Node, NodeId};
use parking_lot::Mutex;
use tracing::{error, info, warn};

use crate::{
    listeners::{self, Listener},
    metrics,
    outside::{self, Outside, Places},
    routes::file::{File, Invalid},
    stamp::Stamp,
};

/// How often the file is looked at.
pub(crate) const LOOK: Duration = Duration::from_secs(1);
/// Largest file.
const BYTES_MAX: u64 = 16 << 20;

pub mod history;

/// Why a route file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("route file `{}` cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("route file `{}` cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is nothing to go back to.
    #[error("`{}` holds no such former route file, or none that is different", folder.display())]
    NoFormer {
        /// Where former files are kept.
        folder: PathBuf,
    },
    /// It says something wrong.
    #[error("route file `{}`: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: Invalid,
    },
    /// A listener of it cannot be opened.
    #[error("route file `{}`: a listener cannot be opened", path.display())]
    Listener {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: listeners::Error,
    },
    /// An upstream of it cannot be spoken to.
    #[error("route file `{}`", path.display())]
    Upstream {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: outside::Error,
    },
}

/// The route file of a gateway.
pub(crate) struct RouteFile {
    path: Option<PathBuf>,
    /// Where the files that were in force are kept.
    history: Option<PathBuf>,
    state: Mutex<State>,
    /// The addresses of the upstreams in the same form as the nodes of services.
    upstreams: Discovery,
    /// Who those must be that are spoken to by TLS.
    outside: Arc<Outside>,
}

struct State {
    file: Arc<File>,
    /// What the file on disk looked like when it was last read.
    stamp: Option<Stamp>,
}

impl RouteFile {
    /// Reads the file at `path`, if there is to be one.
    pub(crate) fn open(path: Option<PathBuf>, history: Option<PathBuf>) -> Result<Self, Error> {
        let (file, stamp) = match &path {
            None => (File::default(), None),
            Some(path) => {
                let stamp = Stamp::of(path);
                let (file, text) = read_with_text(path)?;
                keep(history.as_deref(), &text);
                (file, stamp)
            }
        };
        let outside = Arc::new(Outside::default());
        let places = places(path.as_deref(), &file, &outside)?;
        let nodes = nodes(&file, &places);
        outside.set(places);
        let upstreams = Discovery::fixed_over(nodes, Arc::clone(&outside) as _);
        Ok(Self { path, history, state: Mutex::new(State { file: Arc::new(file), stamp }), upstreams, outside })
    }

    /// Opens the listeners of the file that was read first.
    pub(crate) fn listen(&self, apply: impl FnOnce(&[Listener]) -> Result<(), listeners::Error>) -> Result<(), Error> {
        let path = || self.path.clone().unwrap_or_default();
        apply(&self.file().listeners).map_err(|source| Error::Listener { path: path(), source })
    }

    /// Returns what is in force.
    pub(crate) fn file(&self) -> Arc<File> {
        Arc::clone(&self.state.lock().file)
    }

    /// Returns the addresses of the upstreams.
    pub(crate) fn upstreams(&self) -> &Discovery {
        &self.upstreams
    }

    /// Reads the files of certificates again that have changed.
    pub(crate) fn look_at_certificates(&self) {
        self.outside.look();
    }

    /// Looks whether the file has changed, and reads it if so; returns whether there is something new in force. A file
    /// with an error, or of which `apply` does not take the listeners, is told of once and the one before stays.
    pub(crate) fn look(&self, apply: impl FnOnce(&[Listener]) -> Result<(), listeners::Error>) -> bool {
        let Some(path) = &self.path else { return false };
        let stamp = Stamp::of(path);
        let mut state = self.state.lock();
        if stamp == state.stamp {
            return false;
        }
        state.stamp = stamp;
        let listen = |(file, text): (File, String)| {
            let places = places(Some(path), &file, &self.outside)?;
            match apply(&file.listeners) {
                Ok(()) => Ok((file, text, places)),
                Err(source) => Err(Error::Listener { path: path.clone(), source }),
            }
        };
        match read_with_text(path).and_then(listen) {
            Ok((file, text, places)) => {
                keep(self.history.as_deref(), &text);
                info!(
                    listeners.count = file.listeners.len(),
                    routes.count = file.routes.len(),
                    upstreams.count = file.upstreams.len(),
                    "route file read again"
                );
                metrics::RELOADS.with(&["taken"]).increment();
                let nodes = nodes(&file, &places);
                self.outside.set(places);
                self.upstreams.set(nodes);
                state.file = Arc::new(file);
                true
            }
            Err(error) => {
                error!(error = %runtime::chain(&error), "route file is kept out, the one before stays in force");
                metrics::RELOADS.with(&["refused"]).increment();
                false
            }
        }
    }
}

/// A route file without an error.
#[derive(Debug)]
pub struct Checked(File);

/// A difference between two route files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    sign: char,
    kind: &'static str,
    name: String,
}

/// Checks the route file at `path` as the gateway would, its certificates included; whether an address can be listened
/// on shows when it is.
pub fn check(path: &Path) -> Result<Checked, Error> {
    let file = read(path)?;
    let certificates = file.listeners.iter().try_for_each(Listener::check);
    certificates.map_err(|source| Error::Listener { path: path.to_path_buf(), source })?;
    places(Some(path), &file, &Outside::default())?;
    Ok(Checked(file))
}

impl Checked {
    /// Returns the number of routes.
    pub fn routes(&self) -> usize {
        self.0.routes.len()
    }

    /// Returns the number of listeners.
    pub fn listeners(&self) -> usize {
        self.0.listeners.len()
    }

    /// Returns the number of upstreams.
    pub fn upstreams(&self) -> usize {
        self.0.upstreams.len()
    }

    /// Returns what is gone (`-`), changed (`~`) and new (`+`) since `before`, by name. Another order of the same routes
    /// is none of these.
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        changes(&before.0, &self.0)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.sign, self.kind, self.name)
    }
}

fn changes(before: &File, after: &File) -> Vec<Change> {
    let mut changes = differences("listener", &before.listeners, &after.listeners, |listener| &listener.name);
    changes.extend(differences("upstream", &before.upstreams, &after.upstreams, |upstream| &upstream.name));
    changes.extend(differences("route", &before.routes, &after.routes, |route| &route.name));
    changes
}

fn differences<T: PartialEq>(kind: &'static str, before: &[T], after: &[T], name: fn(&T) -> &str) -> Vec<Change> {
    let by_name = |entries| -> BTreeMap<&str, &T> { <[T]>::iter(entries).map(|entry| (name(entry), entry)).collect() };
    let (old, new) = (by_name(before), by_name(after));
    let change = |sign, name: &str| Change { sign, kind, name: name.to_owned() };
    let gone = old.keys().filter(|name| !new.contains_key(*name)).map(|name| change('-', name));
    let differs = |name: &str, entry: &T| old.get(name).is_some_and(|old| *old != entry);
    let changed = new.iter().filter(|(name, entry)| differs(name, entry)).map(|(name, _)| change('~', name));
    let added = new.keys().filter(|name| !old.contains_key(*name)).map(|name| change('+', name));
    gone.chain(changed).chain(added).collect()
}

/// Keeps a file that came into force, where there is a place for it. Routes come before their history.
fn keep(history: Option<&Path>, text: &str) {
    if let Some(Err(error)) = history.map(|folder| history::keep(folder, text)) {
        warn!(%error, "route file in force could not be kept for later");
    }
}

fn read(path: &Path) -> Result<File, Error> {
    read_with_text(path).map(|(file, _)| file)
}

fn read_with_text(path: &Path) -> Result<(File, String), Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_path_buf(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > BYTES_MAX {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let mut file = File::read(&text).map_err(|reason| Error::Invalid { path: path.to_path_buf(), reason })?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    file.listeners = file.listeners.into_iter().map(|listener| listener.below(folder)).collect();
    for upstream in &mut file.upstreams {
        upstream.tls = upstream.tls.take().map(|tls| tls.below(folder));
    }
    Ok((file, text))
}

/// Reads what TLS to the upstreams of `file` takes, as far as it is not in force already.
fn places(path: Option<&Path>, file: &File, outside: &Outside) -> Result<Places, Error> {
    let path = || path.map(Path::to_path_buf).unwrap_or_default();
    Places::of(file, &outside.places()).map_err(|source| Error::Upstream { path: path(), source })
}

/// Returns the addresses as nodes. Their numbers are places in the file, so an address that stays where it is keeps
/// what is known of it; with other demands on TLS it is another, to which no connection stands.
fn nodes(file: &File, places: &Places) -> Vec<Node> {
    let numbered = |name: &str, (number, address): (u128, &_)| Node::new(NodeId::from_u128(number), name, *address);
    let upstreams = file.upstreams.iter();
    let nodes = upstreams.flat_map(|upstream| (1..).zip(&upstream.addresses).map(|at| numbered(&upstream.name, at)));
    nodes.map(|node| places.mark(node)).collect()
}
