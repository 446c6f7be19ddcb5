//! Somebody was enrolled by hand: give them an account and a role, and invite them when they are new.

use contracts::events::projects::ParticipantEnrolled;
use crypto::SealKey;
use storage::Tx;

use super::roster_imported::settle;
use crate::{actions::people, error::Result};

/// Settles whoever was enrolled; once, however often the event arrives.
pub async fn apply(tx: &mut Tx, links: SealKey, event: ParticipantEnrolled) -> Result<()> {
    match settle(tx, &event.participant).await? {
        Some(settled) if settled.new && settled.person.email.is_some() => {
            people::invite(tx, &links, &settled.person).await.map(|_| ())
        }
        _ => Ok(()),
    }
}
