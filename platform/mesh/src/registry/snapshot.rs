//! The catalogue on disk, so that a registry that restarts knows at once what it knew.
//!
//! Owns the file and its form. Never trusts it: a file that cannot be read is put aside, and what it says holds only for
//! a lease. Start reading at [`Snapshot::load`] and `Snapshot::keep`.

use std::{
    fs, io,
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use super::{Order, Registry};
use crate::{Node, NodeKey};

/// The form that this version writes and reads.
const FORM: u32 = 1;
/// Largest file that is read.
const BYTES_MAX: u64 = 128 << 20;
/// Changes within this time are written together.
const GATHER: Duration = Duration::from_millis(500);
/// Longest wait for a remembered node to accept a connection; silence is not held against it, a refusal is.
const PROBE_MAX: Duration = Duration::from_millis(300);
const PROBES_MAX: usize = 64;

/// Where the catalogue is kept.
#[derive(Debug, Clone)]
pub struct Snapshot(PathBuf);

#[derive(Serialize)]
struct Written<'a> {
    form: u32,
    nodes: &'a [Arc<Node>],
    orders: &'a [(NodeKey, Order)],
}

#[derive(Deserialize)]
struct Remembered {
    form: u32,
    nodes: Vec<Node>,
    #[serde(default)]
    orders: Vec<(NodeKey, Order)>,
}

impl Snapshot {
    /// Returns the snapshot in the file `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the nodes and the orders it remembers; none when there is no file. A file that cannot be read is put aside as
    /// `.broken`.
    pub fn load(&self) -> (Vec<Node>, Vec<(NodeKey, Order)>) {
        match self.read() {
            Ok(remembered) => (remembered.nodes, remembered.orders),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Default::default(),
            Err(error) => {
                warn!(%error, snapshot.path = %self.0.display(), "registry's snapshot cannot be read and is put aside");
                // Should this fail as well, the next write replaces the file.
                let _ = fs::rename(&self.0, self.0.with_extension("broken"));
                Default::default()
            }
        }
    }

    /// Writes `nodes` and `orders` in place of what was there, whole or not at all.
    pub fn store(&self, nodes: &[Arc<Node>], orders: &[(NodeKey, Order)]) -> io::Result<()> {
        replace(&self.0, &serde_json::to_vec(&Written { form: FORM, nodes, orders })?)
    }

    /// Returns the path of the file `name` beside it.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.0.with_file_name(name)
    }

    /// Returns the remembered nodes at whose address somebody may still listen, and the orders. What others registered is
    /// theirs to take out.
    pub(super) async fn survivors(&self) -> (Vec<Node>, Vec<(NodeKey, Order)>) {
        let (remembered, orders) = self.load();
        let count = remembered.len();
        let asked = stream::iter(remembered)
            .map(|node| async { (!node.tenure.is_lease() || !refuses(&node).await).then_some(node) });
        let nodes: Vec<Node> = asked.buffer_unordered(PROBES_MAX).filter_map(|node| async { node }).collect().await;
        if count > 0 {
            info!(nodes.remembered = count, nodes.kept = nodes.len(), "registry starts from its snapshot");
        }
        (nodes, orders)
    }

    /// Writes the catalogue of `registry` whenever it has changed.
    pub(super) async fn keep(self, registry: Arc<Registry>) {
        let mut version = registry.version.subscribe();
        // What changed before this task first ran is written too.
        version.mark_changed();
        while version.changed().await.is_ok() {
            sleep(GATHER).await;
            version.borrow_and_update();
            let (nodes, orders, snapshot) = (registry.nodes(), registry.orders(), self.clone());
            let written = tokio::task::spawn_blocking(move || snapshot.store(&nodes, &orders)).await;
            if let Ok(Err(error)) = written {
                warn!(%error, snapshot.path = %self.0.display(), "registry's snapshot cannot be written");
            }
        }
    }

    fn read(&self) -> io::Result<Remembered> {
        let mut text = Vec::new();
        fs::File::open(&self.0)?.take(BYTES_MAX + 1).read_to_end(&mut text)?;
        if text.len() as u64 > BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than any catalogue"));
        }
        let read: Remembered = serde_json::from_slice(&text)?;
        if read.form != FORM {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("its form is {}", read.form)));
        }
        Ok(read)
    }
}

/// Writes `bytes` in place of what the file held, whole or not at all; on disk when it returns.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let beside = path.with_extension("new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

async fn refuses(node: &Node) -> bool {
    let answer = timeout(PROBE_MAX, TcpStream::connect(node.address)).await;
    matches!(answer, Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests;
