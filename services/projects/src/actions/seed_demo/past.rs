//! How a milestone of the demo came to its state: the steps, walked through the state table.

use std::time::Duration;

use base::{PersonId, Timestamp};

use crate::{
    model::milestone::{Action as A, State, TABLE},
    store::demo::KeptMilestoneStep,
};

/// Longest wait of the demo for a supervisor's word.
const REVIEW: Duration = Duration::from_hours(9);

/// Who took the steps of a milestone, and when.
pub(super) struct Past {
    pub(super) member: Option<PersonId>,
    pub(super) supervisor: PersonId,
    pub(super) opens_at: Timestamp,
    pub(super) handed_in_at: Timestamp,
    /// When nothing was taken for it any more.
    pub(super) closed_at: Timestamp,
}

impl Past {
    /// Returns the steps that lead to `state`; the last of them was taken with these words.
    pub(super) fn steps(&self, state: State, said: &'static str) -> Vec<KeptMilestoneStep> {
        let mut from = State::Planned;
        let mut steps = Vec::new();
        for action in way(state) {
            let Some(row) = TABLE.iter().find(|row| (row.from, row.action) == (from, *action)) else { break };
            let (actor, at) = self.taken(*action);
            let reason = if row.to == state { said } else { "" };
            steps.push(KeptMilestoneStep { action: *action, from, to: row.to, actor, reason, at });
            from = row.to;
        }
        steps
    }

    fn taken(&self, action: A) -> (Option<PersonId>, Timestamp) {
        match action {
            A::FallDue => (None, self.opens_at.min(self.handed_in_at)),
            A::Submit => (self.member, self.handed_in_at),
            A::Return | A::Approve | A::Waive => (Some(self.supervisor), self.handed_in_at + REVIEW),
            A::Miss => (None, self.closed_at),
        }
    }
}

const fn way(state: State) -> &'static [A] {
    match state {
        State::Planned => &[],
        State::Due => &[A::FallDue],
        State::Submitted => &[A::FallDue, A::Submit],
        State::Returned => &[A::FallDue, A::Submit, A::Return],
        State::Approved => &[A::FallDue, A::Submit, A::Approve],
        State::Waived => &[A::FallDue, A::Waive],
        State::Missed => &[A::FallDue, A::Miss],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_reached_through_the_table() {
        let past = Past {
            member: None,
            supervisor: PersonId::from_u128(1),
            opens_at: Timestamp::from_micros(1),
            handed_in_at: Timestamp::from_micros(2),
            closed_at: Timestamp::from_micros(3),
        };
        for state in State::ALL {
            let steps = past.steps(*state, "");
            assert_eq!(steps.last().map_or(State::Planned, |step| step.to), *state);
            assert!(steps.is_sorted_by_key(|step| step.at), "{state}");
        }
    }
}
