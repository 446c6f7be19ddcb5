//! What changes with a file on disk, so that it need not be read to see whether it is another.

use std::{os::unix::fs::MetadataExt, path::Path, time::SystemTime};

/// How a file looked at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    /// Another file may have been renamed over it.
    inode: u64,
}

impl Stamp {
    /// Returns how the file at `path` looks; `None` when it cannot be looked at.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok(), bytes: metadata.len(), inode: metadata.ino() })
    }
}
