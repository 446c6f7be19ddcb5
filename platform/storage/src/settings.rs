//! What an operator sets about storage.

use std::path::PathBuf;

use serde::Deserialize;

/// The shards, and how to open them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The databases that hold the data; the first is home to the directory of tenants. Never remove one that holds a bucket.
    pub shards: Vec<Shard>,
    /// Apply pending migrations at start. When false, a node with pending migrations refuses to start.
    pub migrate: bool,
    /// Folder for shards whose address is relative.
    pub folder: PathBuf,
    /// File of root certificates in PEM that PostgreSQL's certificate must be signed by; empty for the system's.
    pub root_certificates: PathBuf,
    /// Most connections to one PostgreSQL shard per service and node, from 1 to 1000.
    pub connections_max: usize,
}

/// One database.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Stable name; the shard map refers to it.
    pub name: String,
    /// `sqlite:FOLDER` (a file per service in it) or `postgres://USER:PASSWORD@HOST:PORT/DATABASE` (a schema per service),
    /// with `?sslmode=` as libpq has it.
    pub url: String,
}

impl Settings {
    /// Returns the settings of an installation with one SQLite shard in `folder`.
    pub fn embedded(folder: impl Into<PathBuf>) -> Self {
        let shard = Shard { name: "shard-0".to_owned(), url: "sqlite:shard-0".to_owned() };
        Self {
            shards: vec![shard],
            migrate: true,
            folder: folder.into(),
            root_certificates: PathBuf::new(),
            connections_max: 16,
        }
    }
}
