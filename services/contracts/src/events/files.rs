//! What became of files.

use base::{Event, Id, PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ids::{FileId, SubmissionId};

/// A file was stored, whole and with its digest known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileStored {
    pub file: FileId,
    /// The file's name as its owner had it.
    pub name: String,
    pub size_bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    pub media_type: String,
    pub uploaded_by: PersonId,
    pub stored_at: Timestamp,
}

impl Event for FileStored {
    const TYPE: &'static str = "files.file.stored";

    fn key(&self) -> Uuid {
        self.file.uuid()
    }
}

/// A service took a file and will keep asking for it. Whoever takes one says so, in the transaction that takes it: a file
/// that nobody took is removed in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileClaimed {
    pub file: FileId,
    /// What it was handed in as.
    pub submission: SubmissionId,
    pub claimed_at: Timestamp,
}

impl Event for FileClaimed {
    const TYPE: &'static str = "files.file.claimed";

    fn key(&self) -> Uuid {
        self.file.uuid()
    }
}
