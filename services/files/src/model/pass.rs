//! Tickets, which prove an upload to another service, and grants, by which another service opens a download.

use std::time::Duration;

use base::{PersonId, Timestamp};
use contracts::ids::FileId;
use crypto::{Key, Keyring, token};
use serde::{Deserialize, Serialize};

/// How long a ticket is good for: a form may stay open for a day.
pub const TICKET_FOR: Duration = Duration::from_hours(24);

/// What a ticket says: this person uploaded this file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub file: FileId,
    pub name: String,
    pub size_bytes: i64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub person: PersonId,
}

/// What a grant says: this person may fetch this file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub file: FileId,
    pub person: PersonId,
}

/// The keys that tickets and grants are signed with. The services that read tickets and give grants name the same purposes.
#[derive(Debug, Clone)]
pub struct Keys {
    tickets: Key,
    grants: Key,
}

impl Keys {
    /// Returns the keys of this installation.
    pub fn of(keyring: &Keyring) -> Self {
        Self { tickets: keyring.key("upload-ticket"), grants: keyring.key("download-grant") }
    }

    /// Makes a ticket.
    pub fn ticket(&self, ticket: &Ticket, now: Timestamp) -> Result<String, token::Error> {
        token::seal(&self.tickets, ticket, now + TICKET_FOR)
    }

    /// Reads a grant.
    pub fn grant(&self, text: &str, now: Timestamp) -> Result<Grant, token::Error> {
        token::open(&self.grants, text, now)
    }
}
