//! Where the bytes rest: a folder, or a store that speaks S3, behind one trait of `object_store`.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use base::TenantId;
use bytes::Bytes;
use contracts::ids::FileId;
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, Result, WriteMultipart, local::LocalFileSystem,
    path::Path as Key,
};

/// Parts of an upload that are on their way to the store at once.
const PARTS_AT_ONCE: usize = 4;

/// The blob store. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// The folder, when it is one.
    folder: Option<PathBuf>,
}

/// A file on its way into the store. Dropped before its end, it leaves nothing behind.
pub struct Incoming(WriteMultipart);

impl Blobs {
    /// Opens the store in a folder, which is made when it is not there. What is acknowledged is on disk.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .map_err(|source| object_store::Error::Generic { store: "folder", source: Box::new(source) })?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true).with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder.to_owned()) })
    }

    /// Opens any other store.
    pub fn in_store(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, folder: None }
    }

    /// Begins a file.
    pub async fn begin(&self, tenant: TenantId, file: FileId) -> Result<Incoming> {
        Ok(Incoming(WriteMultipart::new(self.store.put_multipart(&key(tenant, file)).await?)))
    }

    /// Returns the bytes of a file from `range.start` to before `range.end`.
    pub async fn read(
        &self,
        tenant: TenantId,
        file: FileId,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        if range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        Ok(self.store.get_opts(&key(tenant, file), options).await?.into_stream())
    }

    /// Removes a file; one that is not there is removed already.
    pub async fn remove(&self, tenant: TenantId, file: FileId) -> Result<()> {
        match self.store.delete(&key(tenant, file)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            outcome => outcome,
        }
    }

    /// Removes the beginnings of files that a crash left in the folder more than `age` ago; returns how many.
    /// Blocks: call it from a thread that may.
    pub(crate) fn remove_beginnings(&self, age: Duration, now: SystemTime) -> usize {
        self.folder.as_deref().map_or(0, |folder| remove_beginnings(folder, age, now, 0))
    }
}

impl Incoming {
    /// Adds bytes; waits while too many parts are on their way.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.0.wait_for_capacity(PARTS_AT_ONCE).await?;
        self.0.put(bytes);
        Ok(())
    }

    /// Ends the file: from now on it is there.
    pub async fn finish(self) -> Result<()> {
        self.0.finish().await.map(drop)
    }

    /// Gives the file up.
    pub async fn abort(self) -> Result<()> {
        self.0.abort().await
    }
}

/// The tenant is part of the key: no id leads from one university's files to another's.
fn key(tenant: TenantId, file: FileId) -> Key {
    Key::from(format!("{tenant}/{file}"))
}

/// The folder store writes to `NAME#NUMBER` until a file is whole; ids have no such sign.
fn remove_beginnings(folder: &Path, age: Duration, now: SystemTime, depth: u8) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let mut removed = 0;
    for entry in entries.flatten() {
        let path = entry.path();
        if depth == 0 && path.is_dir() {
            removed += remove_beginnings(&path, age, now, depth + 1);
            continue;
        }
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let old = modified.is_ok_and(|modified| now.duration_since(modified).is_ok_and(|since| since > age));
        if old && entry.file_name().to_string_lossy().contains('#') && std::fs::remove_file(&path).is_ok() {
            removed += 1;
        }
    }
    removed
}
