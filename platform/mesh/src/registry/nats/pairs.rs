//! Others' keys and values in the store: written on condition, and read back before they are acknowledged.

use async_nats::jetstream::kv::{CreateErrorKind, DeleteErrorKind, UpdateErrorKind};
use crypto::base64url;
use tokio::time::timeout;

use super::{ANSWER_MAX, Store, away, json};
use crate::{Error, registry::pairs::Held};

impl Store {
    /// Keeps a pair of others', if it was changed last at `seen`; returns whether it was.
    pub(in crate::registry) async fn keep_pair(
        &self,
        key: &str,
        held: &Held,
        seen: Option<u64>,
    ) -> Result<bool, Error> {
        let (key, value, bucket) = (name(key), json(held)?, &self.kept.bucket);
        let write = async {
            match seen {
                None => bucket.put(&key, value).await.map(Some).map_err(away),
                Some(0) => match bucket.create(&key, value).await {
                    Err(error) if error.kind() == CreateErrorKind::AlreadyExists => Ok(None),
                    written => written.map(Some).map_err(away),
                },
                Some(index) => match bucket.update(&key, value, revision(index)).await {
                    Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => Ok(None),
                    written => written.map(Some).map_err(away),
                },
            }
        };
        let Some(written) = timeout(ANSWER_MAX, write).await.map_err(away)?? else { return Ok(false) };
        self.kept.has_read(written).await.map(|()| true)
    }

    /// Forgets a pair of others', if it was changed last at `seen`; returns whether it was.
    pub(in crate::registry) async fn forget_pair(&self, key: &str, seen: Option<u64>) -> Result<bool, Error> {
        let key = name(key);
        let Some(index) = seen else { return self.kept.delete(key).await.map(|()| true) };
        let forget = self.kept.bucket.delete_expect_revision(&key, Some(revision(index)));
        match timeout(ANSWER_MAX, forget).await.map_err(away)? {
            Ok(()) => self.kept.is_gone(&key).await.map(|()| true),
            Err(error) if error.kind() == DeleteErrorKind::WrongLastRevision => Ok(false),
            Err(error) => Err(away(error)),
        }
    }
}

/// Returns the key of the bucket.
pub(super) fn name(key: &str) -> String {
    format!("pair.{}", base64url::encode(key))
}

/// Returns the index of what was written at a revision of the bucket: the first is past that of nothing.
pub(super) fn index(revision: u64) -> u64 {
    revision + 1
}

fn revision(index: u64) -> u64 {
    index.saturating_sub(1)
}
