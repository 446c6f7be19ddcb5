//! Proof that a file was uploaded: signed by the files service, verified here without asking it.

use base::{Caller, PersonId, Timestamp};
use contracts::{
    file_kind::FileKind,
    passes::{DownloadGrant, GRANT_PURPOSE, TICKET_PURPOSE, UploadTicket},
};
use crypto::{Key, Keyring, token};

use crate::{
    error::{Error, Result},
    model::ids::FileId,
};

/// How long a download grant is good for.
const GRANT_FOR: std::time::Duration = std::time::Duration::from_mins(1);

/// The keys for tickets and grants. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct FileKeys {
    tickets: Key,
    grants: Key,
}

/// A file that the caller uploaded: what the ticket says, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub file: FileId,
    pub name: String,
    pub size_bytes: i64,
    pub sha256: [u8; 32],
    pub kind: FileKind,
}

impl FileKeys {
    /// Returns the keys of this installation.
    pub fn of(keyring: &Keyring) -> Self {
        Self { tickets: keyring.key(TICKET_PURPOSE), grants: keyring.key(GRANT_PURPOSE) }
    }

    /// Returns what a ticket says, when it is good and the caller's own.
    pub fn open(&self, text: &str, caller: &Caller, now: Timestamp) -> Result<Ticket> {
        let claims: UploadTicket = token::open(&self.tickets, text.trim(), now).map_err(Error::Ticket)?;
        if caller.person_id() != Some(claims.person) {
            return Err(Error::TicketOfAnother);
        }
        let sha256 = digest(&claims.sha256).ok_or(Error::Ticket(token::Error::Malformed))?;
        Ok(Ticket { file: claims.file, name: claims.name, size_bytes: claims.size_bytes, sha256, kind: claims.kind })
    }

    /// Returns the address at which `person` can fetch the file for a minute.
    pub fn download(&self, file: FileId, person: PersonId, now: Timestamp) -> Result<String> {
        let grant =
            token::seal(&self.grants, &DownloadGrant { file, person }, now + GRANT_FOR).map_err(Error::Ticket)?;
        Ok(format!("/files/{file}?grant={grant}"))
    }
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect();
    bytes?.try_into().ok()
}
