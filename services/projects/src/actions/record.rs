//! The trace of an action: its audit record, written in the same transaction as the change (INV-3).

use base::Id;
use storage::Tx;

use crate::error::Result;

/// Records what was done to which thing. The detail holds ids, states and numbers; never a name, never a text of a person's.
pub(super) async fn write(
    tx: &mut Tx,
    action: &access::Action,
    (kind, id): (&'static str, impl Id),
    detail: &serde_json::Value,
) -> Result<()> {
    audit::record(tx, audit::Entry::new(action.name).object(kind, id).detail(detail)).await?;
    Ok(())
}
