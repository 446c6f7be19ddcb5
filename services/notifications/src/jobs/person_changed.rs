//! Keeps where and in which language to write to a person.

use contracts::events::people::{PersonChanged, PersonStatus};
use storage::Tx;

use crate::{
    Result,
    store::person::{self, Reader},
};

pub(crate) async fn keep(tx: &mut Tx, event: PersonChanged) -> Result<()> {
    let reader = Reader {
        name: event.name,
        email: event.email,
        language: event.language,
        reachable: event.status != PersonStatus::Disabled,
    };
    Ok(person::keep(tx, event.person, event.version, &reader).await?)
}
