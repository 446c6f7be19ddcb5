//! Tasks: what waits for whom. Read from the same tables that decide, so that a task can always be done.

use access::{SYSTEM, Subjects};
use contracts::roles::{COORDINATES, OWNER, SUPERVISES};

use super::{life, milestone, words::words};

words! {
    /// What somebody is waited for to do.
    Kind {
        ConfirmMembership = "confirm_membership",
        FinishDraft = "finish_draft",
        ReviewProposal = "review_proposal",
        AnswerChanges = "answer_changes",
        StartProject = "start_project",
        SubmitMilestone = "submit_milestone",
        ReviewMilestone = "review_milestone",
        SubmitFinal = "submit_final",
        AdmitProject = "admit_project",
        ReviewTopic = "review_topic",
        CorrectTopic = "correct_topic",
    }
}

/// Returns who acts next on a project in this state. Nobody, where what leads on waits for what nothing keeps yet.
pub fn acts_next(state: life::State) -> Subjects {
    life::ahead(state).filter(|row| row.is_fed()).fold(Subjects::NONE, |who, row| who.or(row.who)).without(SYSTEM)
}

/// Returns what the project waits for the caller to do: a task is listed when its step can be taken.
pub fn of_project(state: life::State, subjects: Subjects) -> Option<Kind> {
    use life::Action as A;
    let (kind, who, step) = match state {
        life::State::Draft => (Kind::FinishDraft, OWNER, A::Submit),
        life::State::Proposed => (Kind::ReviewProposal, SUPERVISES, A::Approve),
        life::State::ChangesRequested => (Kind::AnswerChanges, OWNER, A::Resubmit),
        life::State::Approved => (Kind::StartProject, SUPERVISES, A::Start),
        life::State::Submitted => (Kind::AdmitProject, COORDINATES, A::Admit),
        _ => return None,
    };
    let fed = life::ahead(state).any(|row| row.action == step && row.is_fed());
    (fed && who.meets(subjects)).then_some(kind)
}

/// Returns what the milestone waits for the caller to do.
pub fn of_milestone(state: milestone::State, subjects: Subjects) -> Option<Kind> {
    let (kind, who) = match state {
        milestone::State::Due | milestone::State::Returned => (Kind::SubmitMilestone, OWNER),
        milestone::State::Submitted => (Kind::ReviewMilestone, SUPERVISES),
        _ => return None,
    };
    who.meets(subjects).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::machine;

    #[test]
    fn whoever_has_a_task_may_act_next() {
        for state in life::State::ALL {
            for subjects in [OWNER, SUPERVISES, COORDINATES] {
                if of_project(*state, subjects).is_some() {
                    assert!(acts_next(*state).meets(subjects), "{state}");
                }
            }
        }
    }

    #[test]
    fn what_nobody_can_do_yet_is_nobodys_task() {
        let admit = life::ahead(life::State::Submitted).find(|row| row.action == life::Action::Admit).unwrap();
        assert!(!admit.is_fed(), "once it is, the task comes by itself");
        assert_eq!(of_project(life::State::Submitted, COORDINATES), None);
        assert_eq!(acts_next(life::State::Submitted), Subjects::NONE);
    }

    #[test]
    fn until_the_work_is_handed_in_every_way_ahead_is_fed() {
        for state in [life::State::Draft, life::State::Proposed, life::State::Approved, life::State::Active] {
            assert!(life::ahead(state).filter(|row| row.who != SYSTEM).all(machine::Row::is_fed), "{state}");
        }
    }

    #[test]
    fn whoever_has_a_milestone_to_see_to_can() {
        for state in milestone::State::ALL {
            for subjects in [OWNER, SUPERVISES] {
                let acts = milestone::TABLE.iter().any(|row| row.from == *state && row.who.meets(subjects));
                assert!(of_milestone(*state, subjects).is_none() || acts, "{state}");
            }
        }
    }
}
