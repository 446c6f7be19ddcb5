//! What one service signs or seals and another reads, so that nobody asks anybody while a request waits.

use base::{Id, PersonId, TenantId};
use serde::{Deserialize, Serialize};

use crate::{
    file_kind::FileKind,
    ids::{FileId, MailId},
};

/// Purpose of the key that upload tickets are signed with.
pub const TICKET_PURPOSE: &str = "upload-ticket";
/// Purpose of the key that download grants are signed with.
pub const GRANT_PURPOSE: &str = "download-grant";
/// Purpose of the key that links in mails are sealed with.
pub const MAIL_LINK_PURPOSE: &str = "mail-link";

/// Returns the context that a link is sealed for: this mail of this tenant.
pub fn mail_link_context(tenant: TenantId, mail: MailId) -> [u8; 32] {
    let (tenant, mail) = (tenant.uuid().into_bytes(), mail.uuid().into_bytes());
    std::array::from_fn(|place| *tenant.iter().chain(&mail).nth(place).unwrap_or(&0))
}

/// This person uploaded this file: signed by files, read by whoever takes the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadTicket {
    pub file: FileId,
    pub name: String,
    pub size_bytes: i64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// What the file was found to be.
    #[serde(default)]
    pub kind: FileKind,
    pub person: PersonId,
}

/// This person may fetch this file: signed by whoever decides that, read by files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadGrant {
    pub file: FileId,
    pub person: PersonId,
}
