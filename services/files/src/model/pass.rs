//! Tickets, which prove an upload to another service, and grants, by which another service opens a download.

use std::time::Duration;

use base::Timestamp;
use contracts::passes::{DownloadGrant, GRANT_PURPOSE, TICKET_PURPOSE, UploadTicket};
use crypto::{Key, Keyring, token};

/// How long a ticket is good for: a form may stay open for a day.
pub const TICKET_FOR: Duration = Duration::from_hours(24);

/// The keys that tickets and grants are signed with.
#[derive(Debug, Clone)]
pub struct Keys {
    tickets: Key,
    grants: Key,
}

impl Keys {
    /// Returns the keys of this installation.
    pub fn of(keyring: &Keyring) -> Self {
        Self { tickets: keyring.key(TICKET_PURPOSE), grants: keyring.key(GRANT_PURPOSE) }
    }

    /// Makes a ticket.
    pub fn ticket(&self, ticket: &UploadTicket, now: Timestamp) -> Result<String, token::Error> {
        token::seal(&self.tickets, ticket, now + TICKET_FOR)
    }

    /// Reads a grant.
    pub fn grant(&self, text: &str, now: Timestamp) -> Result<DownloadGrant, token::Error> {
        token::open(&self.grants, text, now)
    }
}
