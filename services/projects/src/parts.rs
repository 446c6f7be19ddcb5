//! What the service is made of.

use crypto::Keyring;
use storage::Database;

use crate::ticket::FileKeys;

/// What the house gives this service.
#[derive(Clone)]
pub struct Parts {
    /// Its tables: [`schema`](crate::schema) beside those of messaging and audit.
    pub db: Database,
    /// The installation's keys.
    pub keyring: Keyring,
}

/// What every handler of this service gets. Cloning is cheap.
#[derive(Clone)]
pub struct Projects {
    pub(crate) db: Database,
    pub(crate) keys: FileKeys,
}

impl From<Parts> for Projects {
    fn from(parts: Parts) -> Self {
        Self { keys: FileKeys::of(&parts.keyring), db: parts.db }
    }
}
