//! Keeps what the programmes are called, in which roles can be given.

use contracts::events::projects::ProgrammeChanged;
use storage::Tx;

use crate::store::unit::{self, Unit};

/// Keeps a programme's names, unless newer ones are kept.
pub async fn apply(tx: &mut Tx, event: ProgrammeChanged) -> storage::Result<()> {
    let ProgrammeChanged { programme, code, title_en, title_local, changed_at } = event;
    unit::keep(tx, &Unit { id: programme, code, title_en, title_local }, changed_at).await
}
