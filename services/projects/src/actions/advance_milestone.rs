//! Take a step of a milestone: every verb on a milestone ends here, so that none forgets its history.

use storage::Tx;

use crate::{
    error::Result,
    model::{
        machine::Row,
        milestone::{Action, State},
    },
    store::{
        milestone_history,
        milestones::{self, Milestone},
    },
};

/// Saves the new state and what was said, and leaves a row of history; returns false when the milestone has moved on meanwhile.
/// A step without words leaves those that were said last.
pub(super) async fn advance_milestone(
    tx: &mut Tx,
    milestone: &Milestone,
    row: &Row<State, Action>,
    said: &str,
) -> Result<bool> {
    let feedback = if said.is_empty() { &milestone.feedback } else { said };
    if !milestones::set_state(tx, milestone.id, milestone.version, row.to, feedback).await? {
        return Ok(false);
    }
    let step = (row.from, row.action, row.to);
    milestone_history::append(tx, milestone, milestone.version + 1, step, said).await?;
    Ok(true)
}
