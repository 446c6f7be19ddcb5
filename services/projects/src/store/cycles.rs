//! Cycles.

use base::{Page, PageRequest, Timestamp};
use storage::{Decode, Result, Row, Tx, params, statements};

use super::keyset;
use crate::model::{
    cycle::{Dates, Policy, State},
    ids::{CycleId, TemplateId},
};

/// A cycle as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    pub id: CycleId,
    pub name: String,
    pub state: State,
    pub dates: Dates,
    pub template_id: Option<TemplateId>,
    pub policy: Policy,
    pub version: i64,
    pub changed_at: Timestamp,
}

impl Cycle {
    /// Returns true while a template can be chosen by which projects that start later are planned.
    pub fn can_be_planned(&self) -> bool {
        self.state == State::Draft || self.state == State::Open && self.template_id.is_none()
    }

    /// Returns true when opening it lets projects start that have no milestones.
    pub fn opens_unplanned(&self) -> bool {
        matches!(self.state, State::Draft | State::Closed) && self.template_id.is_none()
    }
}

impl Decode for Cycle {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            name: row.take()?,
            state: row.take()?,
            dates: Dates {
                starts_at: row.take()?,
                proposals_until_at: row.take()?,
                final_due_at: row.take()?,
                ends_at: row.take()?,
            },
            template_id: row.take()?,
            // A policy that an older release wrote lacks what is new, and gets its defaults.
            policy: serde_json::from_str(&row.take::<String>()?).unwrap_or_default(),
            version: row.take()?,
            changed_at: row.take()?,
        })
    }
}

statements! {
    /// Finds one cycle.
    FIND: read [cycle] = "SELECT id, name, state, starts_at, proposals_until_at, final_due_at, ends_at, template_id, policy,
        version, changed_at FROM cycle WHERE tenant_id = $1 AND id = $2";
    /// Lists cycles, the newest first.
    LIST: read [cycle] = "SELECT id, name, state, starts_at, proposals_until_at, final_due_at, ends_at, template_id, policy,
        version, changed_at FROM cycle
        WHERE tenant_id = $1 AND (starts_at, id) < ($2, $3) AND (state = $4 OR $4 IS NULL)
        ORDER BY starts_at DESC, id DESC LIMIT $5";
    /// Adds a cycle.
    INSERT: write [cycle] = "INSERT INTO cycle (tenant_id, id, name, state, starts_at, proposals_until_at, final_due_at, ends_at,
        template_id, policy, project_count, receipt_count, version, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 1, $11, $11)";
    /// Changes a draft of the version read.
    CHANGE: write [cycle] = "UPDATE cycle SET name = $4, starts_at = $5, proposals_until_at = $6, final_due_at = $7, ends_at = $8,
        template_id = $9, policy = $10, version = version + 1, changed_at = $11
        WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state = 'draft'";
    /// Gives an open cycle of the version read the template that it has none of.
    PLAN: write [cycle] = "UPDATE cycle SET template_id = $4, version = version + 1, changed_at = $5
        WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state = 'open' AND template_id IS NULL";
    /// Changes the state of the version read.
    SET_STATE: write [cycle] = "UPDATE cycle SET state = $4, version = version + 1, changed_at = $5
        WHERE tenant_id = $1 AND id = $2 AND version = $3";
    /// Changes nothing, and makes who else does it wait for the end of the transaction.
    HOLD: write [cycle] = "UPDATE cycle SET version = version WHERE tenant_id = $1 AND id = $2";
    /// Counts one more project.
    COUNT_PROJECT: write [cycle] = "UPDATE cycle SET project_count = project_count + 1 WHERE tenant_id = $1 AND id = $2
        RETURNING project_count, starts_at";
}

/// Returns a cycle.
pub async fn find(tx: &mut Tx, id: CycleId) -> Result<Option<Cycle>> {
    tx.fetch_optional(&FIND, params![id]).await
}

/// Makes units of work that hold the same cycle go one after the other: each sees what the one before did.
pub async fn hold(tx: &mut Tx, id: CycleId) -> Result<()> {
    tx.execute(&HOLD, params![id]).await.map(drop)
}

/// Returns the cycles in this state, or all, the newest first.
pub async fn list(tx: &mut Tx, state: Option<State>, page: &PageRequest) -> Result<Page<Cycle>> {
    let after = page.after.as_ref().map(|_| keyset::After::of(page));
    let last = Timestamp::MAX.as_micros();
    let (starts_at, id) =
        after.map_or((last, uuid::Uuid::max()), |after| (after.sort.parse().unwrap_or(last), after.id));
    let items: Vec<Cycle> = tx.fetch(&LIST, params![starts_at, id, state, page.fetch()]).await?;
    Ok(Page::cut(items, page, |cycle| keyset::key(&cycle.dates.starts_at.as_micros().to_string(), cycle.id)))
}

/// Returns the cycle that is open, the newest if several are.
pub async fn current(tx: &mut Tx) -> Result<Option<Cycle>> {
    let open = list(tx, Some(State::Open), &PageRequest::first(1)).await?;
    Ok(open.items.into_iter().next())
}

/// Adds a cycle; its name is unique.
pub async fn insert(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let policy = serde_json::to_string(&cycle.policy).unwrap_or_default();
    let Dates { starts_at, proposals_until_at, final_due_at, ends_at } = cycle.dates;
    let parameters = params![
        cycle.id,
        &cycle.name,
        cycle.state,
        starts_at,
        proposals_until_at,
        final_due_at,
        ends_at,
        cycle.template_id,
        &policy,
        cycle.changed_at,
    ];
    tx.execute(&INSERT, parameters).await.map(drop)
}

/// Changes a draft, unless somebody changed it since its version; returns whether it did. Its name is unique.
pub async fn change(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    let policy = serde_json::to_string(&cycle.policy).unwrap_or_default();
    let Dates { starts_at, proposals_until_at, final_due_at, ends_at } = cycle.dates;
    let parameters = params![
        cycle.id,
        cycle.version,
        &cycle.name,
        starts_at,
        proposals_until_at,
        final_due_at,
        ends_at,
        cycle.template_id,
        &policy,
        tx.now(),
    ];
    Ok(tx.execute(&CHANGE, parameters).await? == 1)
}

/// Gives an open cycle a template, unless it has one or somebody changed it since `version`; returns whether it did.
pub async fn plan(tx: &mut Tx, id: CycleId, version: i64, template: TemplateId) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&PLAN, params![id, version, template, now]).await? == 1)
}

/// Changes the state, unless somebody changed the cycle since `version`; returns whether it did.
pub async fn set_state(tx: &mut Tx, id: CycleId, version: i64, state: State) -> Result<bool> {
    let now = tx.now();
    Ok(tx.execute(&SET_STATE, params![id, version, state, now]).await? == 1)
}

/// Returns the next project number of the cycle: its year, and a count that no two projects share.
pub async fn next_number(tx: &mut Tx, id: CycleId) -> Result<String> {
    let (count, starts_at): (i64, Timestamp) = tx.fetch_one(&COUNT_PROJECT, params![id]).await?;
    Ok(number(count, starts_at))
}

fn number(count: i64, starts_at: Timestamp) -> String {
    let year = starts_at.to_string();
    format!("P{}{count:05}", year.get(2..4).unwrap_or("00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_holds_year_and_count() {
        assert_eq!(number(42, "2026-09-01T00:00:00Z".parse().unwrap()), "P2600042");
    }
}
