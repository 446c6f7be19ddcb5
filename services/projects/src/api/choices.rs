//! The words of actions as the API's description lists them: those that a person can ask for, by the state tables.

use access::Subjects;
use contracts::roles::{CHAIRS, CO_SUPERVISES, COORDINATES, OWNER, SUPERVISES};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::{
    model::{cycle, life, machine::Row, milestone, topic},
    policy,
};

const STAFF: Subjects = SUPERVISES.or(COORDINATES);
const ANYBODY: Subjects = STAFF.or(OWNER).or(CO_SUPERVISES).or(CHAIRS);

/// Describes the steps of a project that need no request of their own.
pub(super) fn project_steps() -> Object {
    let taken = |action| policy::of_step(action).is_some() && can(life::TABLE, &action, ANYBODY);
    // The way back is no row of the table: it is made from the row that was taken.
    let all = life::Action::ALL.iter().filter(|action| **action == life::Action::Revert || taken(**action));
    words(all.map(|action| action.word()))
}

/// Describes what a supervisor or a coordinator can say of work handed in for a milestone.
pub(super) fn milestone_reviews() -> Object {
    let all = milestone::Action::ALL.iter().filter(|action| can(milestone::TABLE, action, STAFF));
    words(all.map(|action| action.word()))
}

/// Describes the steps of a topic.
pub(super) fn topic_steps() -> Object {
    let all = topic::Action::ALL.iter().filter(|action| can(topic::TABLE, action, STAFF));
    words(all.map(|action| action.word()))
}

/// Describes the steps of a cycle.
pub(super) fn cycle_steps() -> Object {
    let all = cycle::Action::ALL.iter().filter(|action| can(cycle::TABLE, action, COORDINATES));
    words(all.map(|action| action.word()))
}

fn can<S, A: PartialEq>(table: &[Row<S, A>], action: &A, who: Subjects) -> bool {
    table.iter().any(|row| row.action == *action && row.who.meets(who))
}

fn words(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(object: &Object) -> Vec<String> {
        let words = object.enum_values.iter().flatten();
        words.map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn only_what_a_person_can_ask_for_is_listed() {
        assert_eq!(listed(&milestone_reviews()), ["return", "approve", "waive"]);
        assert_eq!(listed(&topic_steps()), ["offer", "return", "open", "close", "archive"]);
        assert_eq!(listed(&cycle_steps()), ["open", "close", "archive"]);
        let steps = listed(&project_steps());
        assert!(["start", "reject", "withdraw", "revert"].iter().all(|step| steps.iter().any(|one| one == step)));
        assert!(!["submit_final", "lapse", "anonymise"].iter().any(|step| steps.iter().any(|one| one == step)));
    }
}
