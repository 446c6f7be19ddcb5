//! Hears which files other services took: from then on a file stays, and no longer counts as left lying.

use contracts::events::files::FileClaimed;
use futures_util::FutureExt;
use messaging::Consumer;
use storage::Tx;

use crate::store::files;

/// Returns the consumer of claims.
pub fn consumer() -> Consumer {
    Consumer::new("files.claims").on(|tx, event: FileClaimed| keep(tx, event).boxed())
}

/// Keeps the file. A second claim changes nothing: the first one says since when it is kept.
pub(crate) async fn keep(tx: &mut Tx, event: FileClaimed) -> storage::Result<()> {
    if !files::claim(tx, event.file, event.claimed_at).await? {
        tracing::debug!(file.id = %event.file, "a claim names a file that is claimed already, or gone");
    }
    Ok(())
}
