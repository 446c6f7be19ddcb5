//! Keep time: what falls due, what is missed, what lapses. Done by the installation itself, again and again.

use serde_json::json;
use storage::Tx;

use super::{
    advance_milestone::advance_milestone,
    case::Case,
    record,
    tell_programmes::{is_untold, tell_programmes},
};
use crate::{
    error::Result,
    model::{
        facts::{Facts, Guard},
        ids::{MilestoneId, ProjectId},
        life, machine,
        milestone::{self, Action, TABLE},
    },
    policy,
    store::{cycles, milestones, projects},
};

/// Most milestones and projects that one unit of work sees to; the next one goes on.
pub const BATCH_MAX: u32 = 200;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    pub fallen_due: u32,
    pub missed: u32,
    pub lapsed: u32,
}

impl Kept {
    /// Returns whether there may be more to do at once.
    pub const fn is_full(self) -> bool {
        self.fallen_due >= BATCH_MAX || self.missed >= BATCH_MAX || self.lapsed >= BATCH_MAX
    }
}

/// Returns whether the clock has something to move on.
pub async fn is_behind(tx: &mut Tx) -> Result<bool> {
    let now = tx.now();
    Ok(!milestones::opening(tx, now, 1).await?.is_empty()
        || !milestones::overdue(tx, now, 1).await?.is_empty()
        || !projects::overdue(tx, now, 1).await?.is_empty()
        || is_untold(tx).await?)
}

/// Moves on what the clock moves on. Doing it twice changes nothing.
pub async fn keep_time(tx: &mut Tx) -> Result<Kept> {
    let now = tx.now();
    let mut kept = Kept::default();
    tell_programmes(tx).await?;
    for id in milestones::opening(tx, now, BATCH_MAX).await? {
        kept.fallen_due += u32::from(advance(tx, id, Action::FallDue).await?);
    }
    for (id, due_at, cycle) in milestones::overdue(tx, now, BATCH_MAX).await? {
        let late_days = cycles::find(tx, cycle).await?.map_or(0, |cycle| cycle.policy.late_days);
        if milestone::taken_until(due_at, late_days) < now {
            kept.missed += u32::from(advance(tx, id, Action::Miss).await?);
        }
    }
    for id in projects::overdue(tx, now, BATCH_MAX).await? {
        kept.lapsed += u32::from(lapse(tx, id).await?);
    }
    Ok(kept)
}

async fn advance(tx: &mut Tx, id: MilestoneId, action: Action) -> Result<bool> {
    let Some(milestone) = milestones::find(tx, id).await? else { return Ok(false) };
    let facts = Facts::of(access::SYSTEM).with(Guard::WindowOpen, true).with(Guard::DeadlinePassed, true);
    let Ok(row) = machine::apply(TABLE, milestone.state, action, &facts) else { return Ok(false) };
    if !advance_milestone(tx, &milestone, row, "").await? {
        return Ok(false);
    }
    let detail = json!({ "action": row.action, "from": row.from, "to": row.to });
    record::write(tx, &policy::KEEP_TIME, ("milestone", id), &detail).await?;
    Ok(true)
}

async fn lapse(tx: &mut Tx, id: ProjectId) -> Result<bool> {
    let case = Case::load(tx, id, &policy::ADVANCE).await?;
    let facts = case.facts(tx).await?;
    if !case.could(life::Action::Lapse, &facts) {
        return Ok(false);
    }
    case.take(tx, life::Action::Lapse, &facts, "").await?;
    Ok(true)
}
