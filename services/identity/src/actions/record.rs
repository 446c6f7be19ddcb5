//! What goes into the audit record: which action, on whom; never a name, an address or a secret.

use audit::{Entry, Outcome};
use base::PersonId;
use storage::Tx;

use crate::error::Result;

/// Records what was done to a person.
pub(crate) async fn done(tx: &mut Tx, action: &'static str, person: PersonId) -> Result<()> {
    with(tx, action, person, &serde_json::json!({})).await
}

/// Records what was done to a person, and more about it.
pub(crate) async fn with(
    tx: &mut Tx,
    action: &'static str,
    person: PersonId,
    detail: &serde_json::Value,
) -> Result<()> {
    Ok(audit::record(tx, Entry::new(action).object("person", person).detail(detail)).await?)
}

/// Records that a person's credentials were refused; `None` when nobody is known by what was shown.
pub(crate) async fn refused(tx: &mut Tx, action: &'static str, person: Option<PersonId>) -> Result<()> {
    let entry = Entry::new(action).outcome(Outcome::Denied);
    let entry = match person {
        Some(person) => entry.object("person", person),
        None => entry,
    };
    Ok(audit::record(tx, entry).await?)
}
