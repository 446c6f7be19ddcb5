//! Tell the other services what the programmes are called.
//!
//! Whoever makes or changes programmes calls this in the same transaction, however they are written; what an older version
//! left untold, the clock's reconciler tells.

use contracts::events::projects::ProgrammeChanged;
use storage::Tx;

use crate::{error::Result, store::programmes};

/// Most programmes that one unit of work tells of; the next one goes on.
const BATCH_MAX: u32 = 500;

/// Tells of every programme that nobody was told of.
pub async fn tell_programmes(tx: &mut Tx) -> Result<()> {
    let untold = programmes::untold(tx, BATCH_MAX).await?;
    let changed_at = tx.now();
    for programme in untold.iter().cloned() {
        let programmes::Programme { id, code, title_en, title_local } = programme;
        messaging::emit(tx, &ProgrammeChanged { programme: id, code, title_en, title_local, changed_at }).await?;
    }
    Ok(programmes::set_told(tx, &untold).await?)
}

/// Returns whether there is something to tell.
pub async fn is_untold(tx: &mut Tx) -> Result<bool> {
    Ok(!programmes::untold(tx, 1).await?.is_empty())
}
