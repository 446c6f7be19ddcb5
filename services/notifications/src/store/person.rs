//! Where and in which language to write to people.

use base::PersonId;
use storage::{Decode, Result, Row, Tx, params, statements};

statements! {
    /// Keeps the newest card of a person.
    KEEP: write [person] = "INSERT INTO person (tenant_id, id, version, name, email, language, reachable) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, id) DO UPDATE SET version = excluded.version, \
        name = excluded.name, email = excluded.email, language = excluded.language, reachable = excluded.reachable \
        WHERE person.version < excluded.version";
    /// Finds a person.
    FIND: read [person] = "SELECT name, email, language, reachable FROM person WHERE tenant_id = $1 AND id = $2";
}

/// A person as far as mail is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) language: String,
    /// False for accounts that are disabled.
    pub(crate) reachable: bool,
}

impl Decode for Reader {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { name: row.take()?, email: row.take()?, language: row.take()?, reachable: row.take()? })
    }
}

pub(crate) async fn keep(tx: &mut Tx, id: PersonId, version: i64, reader: &Reader) -> Result<()> {
    let email = reader.email.as_deref();
    let values = params![id, version, &reader.name, email, &reader.language, reader.reachable];
    tx.execute(&KEEP, values).await?;
    Ok(())
}

pub(crate) async fn find(tx: &mut Tx, id: PersonId) -> Result<Option<Reader>> {
    tx.fetch_optional(&FIND, params![id]).await
}
