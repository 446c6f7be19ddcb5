//! What one service signs and another reads, so that nobody asks anybody while a request waits.

use base::PersonId;
use serde::{Deserialize, Serialize};

use crate::ids::FileId;

/// Purpose of the key that upload tickets are signed with.
pub const TICKET_PURPOSE: &str = "upload-ticket";
/// Purpose of the key that download grants are signed with.
pub const GRANT_PURPOSE: &str = "download-grant";

/// This person uploaded this file: signed by files, read by whoever takes the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadTicket {
    pub file: FileId,
    pub name: String,
    pub size_bytes: i64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub person: PersonId,
}

/// This person may fetch this file: signed by whoever decides that, read by files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadGrant {
    pub file: FileId,
    pub person: PersonId,
}
