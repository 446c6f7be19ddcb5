//! Who may do what here. `policy.cedar` says the same in Cedar's words; a test holds the two together.
//!
//! What a role or relation allows is decided here; whether the state allows it, by the tables of `model/`.

use access::{Action, Policy, SIGNED_IN, SYSTEM, Subjects};
use contracts::roles::{
    ADMINISTRATOR, CHAIRS, CO_SUPERVISES, COORDINATES, COORDINATOR, EXAMINES, OWNER, STUDENT, SUPERVISES, SUPERVISOR,
};

use crate::model::life;

/// Everybody with a part in a project: nobody else may know that it exists.
pub const CONCERNED: Subjects =
    OWNER.or(SUPERVISES).or(CO_SUPERVISES).or(EXAMINES).or(CHAIRS).or(COORDINATES).or(ADMINISTRATOR).or(SYSTEM);

const STAFF: Subjects = SUPERVISES.or(COORDINATES);
const RUNS_CYCLES: Subjects = COORDINATOR.or(SYSTEM);

pub const LIST_TASKS: Action = Action::read("projects.task.list", SIGNED_IN);
pub const LIST_CYCLES: Action = Action::read("projects.cycle.list", SIGNED_IN);
pub const CREATE_CYCLE: Action = Action::write("projects.cycle.create", RUNS_CYCLES);
pub const CHANGE_CYCLE: Action = Action::write("projects.cycle.change", RUNS_CYCLES);
pub const MOVE_CYCLE: Action = Action::write("projects.cycle.move", RUNS_CYCLES);
pub const OVERSEE_CYCLE: Action = Action::read("projects.cycle.oversee", COORDINATOR.or(ADMINISTRATOR));
pub const LIST_PROGRAMMES: Action = Action::read("projects.programme.list", SIGNED_IN);
pub const CREATE_PROGRAMME: Action = Action::write("projects.programme.create", RUNS_CYCLES);
pub const LIST_TEMPLATES: Action = Action::read("projects.template.list", SIGNED_IN);
pub const CREATE_TEMPLATE: Action = Action::write("projects.template.create", RUNS_CYCLES);
pub const RENAME_TEMPLATE: Action = Action::write("projects.template.rename", RUNS_CYCLES);
pub const DELETE_TEMPLATE: Action = Action::write("projects.template.delete", RUNS_CYCLES);
pub const ENROL: Action = Action::write("projects.participant.enrol", RUNS_CYCLES);
pub const LIST_SUPERVISORS: Action = Action::read("projects.supervisor.list", SIGNED_IN);
pub const LIST_TOPICS: Action = Action::read("projects.topic.list", SIGNED_IN);
pub const CREATE_TOPIC: Action = Action::write("projects.topic.create", SUPERVISOR.or(RUNS_CYCLES));
pub const CHANGE_TOPIC: Action = Action::write("projects.topic.change", STAFF);
pub const MOVE_TOPIC: Action = Action::write("projects.topic.move", STAFF);
pub const PROPOSE: Action = Action::write("projects.proposal.create", STUDENT);
pub const LIST_PROJECTS: Action = Action::read("projects.project.list", SIGNED_IN);
pub const READ_PROJECT: Action = Action::read("projects.project.read", CONCERNED);
pub const CONFIRM: Action = Action::write("projects.membership.confirm", OWNER);
pub const DECLINE: Action = Action::write("projects.membership.decline", OWNER);
pub const SUBMIT_PROPOSAL: Action = Action::write("projects.proposal.submit", OWNER);
pub const REQUEST_CHANGES: Action = Action::write("projects.proposal.request_changes", STAFF);
pub const APPROVE: Action = Action::write("projects.proposal.approve", STAFF);
pub const REJECT: Action = Action::write("projects.proposal.reject", STAFF);
pub const START: Action = Action::write("projects.project.start", STAFF);
pub const WITHDRAW: Action = Action::write("projects.project.withdraw", OWNER.or(COORDINATES));
pub const COORDINATE: Action = Action::write("projects.project.coordinate", COORDINATES);
pub const ADVANCE: Action = Action::write("projects.project.advance", CHAIRS.or(COORDINATES).or(SYSTEM));
pub const SUBMIT_MILESTONE: Action = Action::write("projects.milestone.submit", OWNER);
pub const REVIEW_MILESTONE: Action = Action::write("projects.milestone.review", STAFF);
pub const KEEP_TIME: Action = Action::write("projects.milestone.keep_time", SYSTEM);
pub const SUBMIT_FINAL: Action = Action::write("projects.final.submit", OWNER);
pub const READ_QUEUE: Action = Action::read("projects.supervision.list", SUPERVISOR);
/// What a step of a project may be to somebody; which step is whose, the state table says.
pub const TAKE_STEP: Action = Action::write("projects.project.step", CONCERNED);
pub const IMPORT: Action = Action::write("projects.roster.import", RUNS_CYCLES);
pub const EXPORT: Action = Action::read("projects.roster.export", COORDINATOR.or(ADMINISTRATOR));

/// Every action of this service.
pub static POLICY: Policy = Policy::new("projects", ACTIONS);

const ACTIONS: &[Action] = &[
    LIST_TASKS,
    LIST_CYCLES,
    CREATE_CYCLE,
    CHANGE_CYCLE,
    MOVE_CYCLE,
    OVERSEE_CYCLE,
    LIST_PROGRAMMES,
    CREATE_PROGRAMME,
    LIST_TEMPLATES,
    CREATE_TEMPLATE,
    RENAME_TEMPLATE,
    DELETE_TEMPLATE,
    ENROL,
    LIST_SUPERVISORS,
    LIST_TOPICS,
    CREATE_TOPIC,
    CHANGE_TOPIC,
    MOVE_TOPIC,
    PROPOSE,
    LIST_PROJECTS,
    READ_PROJECT,
    CONFIRM,
    DECLINE,
    SUBMIT_PROPOSAL,
    REQUEST_CHANGES,
    APPROVE,
    REJECT,
    START,
    WITHDRAW,
    COORDINATE,
    ADVANCE,
    SUBMIT_MILESTONE,
    REVIEW_MILESTONE,
    KEEP_TIME,
    SUBMIT_FINAL,
    READ_QUEUE,
    TAKE_STEP,
    IMPORT,
    EXPORT,
];

/// Returns the action that a step needing nothing but a reason is; steps that need more have verbs of their own.
pub const fn of_step(step: life::Action) -> Option<Action> {
    use life::Action as A;
    Some(match step {
        A::Endorse => APPROVE,
        A::Reject => REJECT,
        A::Start => START,
        A::Withdraw | A::NewAttempt => WITHDRAW,
        A::Suspend | A::Resume | A::Reopen | A::Fail | A::Revert => COORDINATE,
        A::Lapse
        | A::Admit
        | A::ScheduleDefence
        | A::CancelDefence
        | A::SkipDefence
        | A::RecordHeld
        | A::RequireCorrections
        | A::BeginMarking
        | A::AcceptCorrections
        | A::RejectCorrections
        | A::CompleteMarking
        | A::Moderate
        | A::Ratify
        | A::Release
        | A::UpholdAppeal
        | A::Archive
        | A::Anonymise => ADVANCE,
        A::Submit
        | A::RequestChanges
        | A::Resubmit
        | A::Approve
        | A::Assign
        | A::SubmitFinal
        | A::SubmitCorrections => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use contracts::roles::VOCABULARY;

    use super::*;

    /// The policy in Cedar's words: a permit per action, for principals that are any of its subjects to the resource.
    fn cedar() -> String {
        let mut text = String::from(
            "// Who may do what in the projects service. Made from `policy.rs` by its test; change it there.\n",
        );
        for action in POLICY.actions {
            let subjects = VOCABULARY.names(action.allow);
            let any: Vec<_> = subjects.iter().map(|name| format!("principal.held.contains(\"{name}\")")).collect();
            let name = action.name;
            let when = any.join(" || ");
            let _ = write!(
                text,
                "\n@read(\"{}\")\npermit (principal, action == Action::\"{name}\", resource)\nwhen {{ {when} }};\n",
                action.read
            );
        }
        text
    }

    #[test]
    fn policy_and_cedar_text_say_the_same() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/policy.cedar");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let made = cedar();
        if kept != made {
            std::fs::write(path, &made).unwrap();
        }
        assert!(kept == made, "policy.cedar was out of date and has been written anew");
    }

    #[test]
    fn whoever_the_state_table_names_for_a_plain_step_the_policy_lets_in() {
        for row in life::TABLE {
            let Some(action) = of_step(row.action) else { continue };
            assert!(action.allow.meets(row.who), "{} {}", row.from, row.action);
        }
    }
}
