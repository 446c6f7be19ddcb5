//! Units in which a role can hold: a read model of the university's programmes.

use base::Timestamp;
use contracts::ids::ProgrammeId;
use storage::{Decode, Result, Row, Tx, params, statements};

/// Most units that a university has.
const UNITS_MAX: u32 = 1_000;

/// A unit, by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub id: ProgrammeId,
    pub code: String,
    pub title_en: String,
    /// Empty when it has none.
    pub title_local: String,
}

statements! {
    /// Lists all units.
    LIST: read [unit] = "SELECT id, code, title_en, title_local FROM unit WHERE tenant_id = $1 ORDER BY code, id LIMIT $2";
    /// Keeps a unit's names unless newer ones are kept.
    KEEP: write [unit] = "INSERT INTO unit (tenant_id, id, code, title_en, title_local, changed_at) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (tenant_id, id) DO UPDATE SET code = excluded.code, title_en = excluded.title_en, \
        title_local = excluded.title_local, changed_at = excluded.changed_at WHERE unit.changed_at <= excluded.changed_at";
}

impl Decode for Unit {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { id: row.take()?, code: row.take()?, title_en: row.take()?, title_local: row.take()? })
    }
}

/// Returns all units, by code.
pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<Unit>> {
    tx.fetch(&LIST, params![UNITS_MAX]).await
}

/// Keeps a unit's names.
pub(crate) async fn keep(tx: &mut Tx, unit: &Unit, changed_at: Timestamp) -> Result<()> {
    let Unit { id, code, title_en, title_local } = unit;
    tx.execute(&KEEP, params![*id, code, title_en, title_local, changed_at]).await.map(drop)
}
