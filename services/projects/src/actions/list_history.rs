//! List what happened to a project: its own steps, with the changes asked for in them, and those of its milestones.

use storage::Tx;

use super::Case;
use crate::{
    error::Result,
    model::{
        ids::ProjectId,
        life::{Action, State},
        proposal::ChangeRequest,
    },
    policy,
    store::{
        history::{self, Entry},
        milestone_history::{self, MilestoneStep},
        proposals,
    },
};

/// Something that happened to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A step of the project, with the changes asked for in it.
    Project(Entry, Vec<ChangeRequest>),
    /// A step of one of its milestones.
    Milestone(MilestoneStep),
}

/// Returns what happened to a project, the first first, if the caller has a part in it.
pub async fn list_history(tx: &mut Tx, project: ProjectId) -> Result<Vec<Happening>> {
    Case::load(tx, project, &policy::READ_PROJECT).await?;
    let changes = proposals::every_change(tx, project).await?;
    happenings(tx, project, &changes).await
}

/// Returns the same for whoever may see it and has the changes asked for at hand.
pub(super) async fn happenings(tx: &mut Tx, project: ProjectId, changes: &[ChangeRequest]) -> Result<Vec<Happening>> {
    let steps = history::list(tx, project).await?;
    let of_milestones = milestone_history::of_project(tx, project).await?;
    Ok(in_order(steps, of_milestones, changes))
}

/// Returns both kinds of steps in the order of time; neither is ever put out of the order in which it was kept.
fn in_order(steps: Vec<Entry>, of_milestones: Vec<MilestoneStep>, changes: &[ChangeRequest]) -> Vec<Happening> {
    let mut of_milestones = of_milestones.into_iter().peekable();
    let mut all = Vec::with_capacity(steps.len() + of_milestones.len());
    for step in steps {
        // Milestones move while their project is active: at one and the same instant, before it ceases to be.
        let ceases = step.from == State::Active;
        let earlier = |one: &MilestoneStep| one.at < step.at || ceases && one.at == step.at;
        while let Some(one) = of_milestones.next_if(earlier) {
            all.push(Happening::Milestone(one));
        }
        // Changes are asked for in the transaction of their step, so both have its instant.
        let asks = step.action == Action::RequestChanges;
        let asked = changes.iter().filter(|change| asks && change.asked_at == step.at).cloned().collect();
        all.push(Happening::Project(step, asked));
    }
    all.extend(of_milestones.map(Happening::Milestone));
    all
}

#[cfg(test)]
mod tests {
    use base::Timestamp;

    use super::*;
    use crate::model::{ids::MilestoneId, milestone};

    fn step(position: i64, (from, action, to): (State, Action, State), at: i64) -> Entry {
        let (actor_id, actor_name, reason) = (None, String::new(), String::new());
        Entry { position, action, from, to, actor_id, actor_name, reason, at: Timestamp::from_micros(at) }
    }

    fn of_milestone(position: i64, at: i64) -> MilestoneStep {
        MilestoneStep {
            milestone_id: MilestoneId::from_u128(1),
            title_en: "Plan".into(),
            title_local: String::new(),
            position,
            action: milestone::Action::Submit,
            from: milestone::State::Due,
            to: milestone::State::Submitted,
            actor_id: None,
            actor_name: String::new(),
            reason: String::new(),
            at: Timestamp::from_micros(at),
        }
    }

    fn change(position: u32, at: i64) -> ChangeRequest {
        let (request, answer) = ("Say why".into(), String::new());
        ChangeRequest { position, version: 1, request, done: false, answer, asked_at: Timestamp::from_micros(at) }
    }

    fn words(all: &[Happening]) -> Vec<String> {
        let word = |one: &Happening| match one {
            Happening::Project(step, asked) if asked.is_empty() => format!("{}", step.action),
            Happening::Project(step, asked) => format!("{} {}", step.action, asked.len()),
            Happening::Milestone(step) => format!("milestone {}", step.position),
        };
        all.iter().map(word).collect()
    }

    #[test]
    fn milestones_move_between_the_start_and_the_end_even_at_one_instant() {
        let start = step(1, (State::Approved, Action::Start, State::Active), 5);
        let end = step(2, (State::Active, Action::SubmitFinal, State::Submitted), 5);
        let all = in_order(vec![start, end], vec![of_milestone(2, 5), of_milestone(3, 5), of_milestone(4, 6)], &[]);
        assert_eq!(words(&all), ["start", "milestone 2", "milestone 3", "submit_final", "milestone 4"]);
    }

    #[test]
    fn every_round_has_the_changes_that_it_asked_for() {
        let ask = (State::Proposed, Action::RequestChanges, State::ChangesRequested);
        let again = (State::ChangesRequested, Action::Resubmit, State::Proposed);
        let steps = vec![step(1, ask, 5), step(2, again, 5), step(3, ask, 9)];
        let all = in_order(steps, Vec::new(), &[change(1, 5), change(2, 5), change(3, 9)]);
        assert_eq!(words(&all), ["request_changes 2", "resubmit", "request_changes 1"]);
    }
}
