//! Send an event again that a consumer gave up.

use base::Id;
use messaging::{EventId, dead_letters};
use storage::Tx;

use crate::{
    Result,
    policy::{self, permit},
};

/// Makes the dead letter due at once, and records who did it.
pub(crate) async fn send_again(tx: &mut Tx, consumer: String, event: EventId) -> Result<()> {
    permit(&policy::SEND_AGAIN, tx.caller(), tx.now())?;
    dead_letters::send_again(tx, &consumer, event).await?;
    let detail = serde_json::json!({ "consumer": consumer });
    let entry = audit::Entry::new(policy::SEND_AGAIN.name).object("event", event.uuid()).detail(&detail);
    audit::record(tx, entry).await?;
    Ok(())
}
