//! What the handlers of this service share.

use std::sync::Arc;

use crypto::Keyring;
use storage::Database;

use crate::{Blobs, Settings, model::pass::Keys};

/// The files service's parts. Cloning is cheap.
#[derive(Clone)]
pub struct Files {
    pub(crate) db: Database,
    pub(crate) blobs: Blobs,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
}

impl Files {
    /// Puts the parts together; `db` has [`crate::schemas`].
    pub fn new(db: Database, blobs: Blobs, keyring: &Keyring, settings: Settings) -> Self {
        Self { db, blobs, keys: Keys::of(keyring), settings: Arc::new(settings) }
    }
}
