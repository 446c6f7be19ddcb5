//! The life of a project: its states, what can be done in each, and by whom.
//!
//! [`table::TABLE`] holds every step there is. A step back is a step too: `revert` appends the opposite of the last
//! step to the history, and never removes anything from it.

mod action;
mod state;
pub mod table;
#[cfg(test)]
mod tests;

use super::{
    facts::{Facts, Guard},
    machine::{self, Choice, Effect, Reason, Row},
};

pub use self::{action::Action, state::State, table::TABLE};

/// A step refused.
pub type Illegal = machine::Illegal<State, Action>;

/// Where a project stands: all that a decision about its next step needs to know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    pub attempt: u16,
    /// The last step taken, when there was one.
    pub last: Option<Past>,
}

/// A step as the history keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub from: State,
    pub action: Action,
    pub to: State,
}

/// A step decided on, not yet taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub from: State,
    pub action: Action,
    pub to: State,
    /// The attempt that the state `to` belongs to; one more than before when a new attempt begins.
    pub attempt: u16,
    pub effects: Vec<Effect>,
}

impl Standing {
    /// Returns where a project of the first attempt begins.
    pub const fn new() -> Self {
        Self { state: State::Draft, attempt: 1, last: None }
    }

    /// Returns where the project stands after `step`.
    #[must_use]
    pub fn after(self, step: &Step) -> Self {
        if step.attempt != self.attempt {
            return Self { state: step.to, attempt: step.attempt, last: None };
        }
        let past = Past { from: step.from, action: step.action, to: step.to };
        Self { state: step.to, last: Some(past), ..self }
    }
}

impl Default for Standing {
    fn default() -> Self {
        Self::new()
    }
}

/// Decides on a step, or says why not and what else could be done.
pub fn apply(standing: Standing, action: Action, facts: &Facts) -> Result<Step, Illegal> {
    if action == Action::Revert {
        return revert(standing, facts);
    }
    let row = machine::apply(TABLE, standing.state, action, facts)
        .map_err(|illegal| Illegal { legal: legal_actions(standing, facts), ..illegal })?;
    let linked = row.effects.contains(&Effect::LinkAttempt);
    let attempt = if linked { standing.attempt.saturating_add(1) } else { standing.attempt };
    Ok(Step { from: row.from, action, to: row.to, attempt, effects: row.effects.to_vec() })
}

/// Returns what the caller can do now.
pub fn legal_actions(standing: Standing, facts: &Facts) -> Vec<Action> {
    let mut legal = machine::legal(TABLE, standing.state, facts);
    if undoable(standing).is_some() && table::REVERT_WHO.meets(facts.subjects) {
        legal.push(Action::Revert);
    }
    legal
}

/// Returns everything that is the caller's to do in this state, with what is still missing for it.
pub fn options(standing: Standing, facts: &Facts) -> Vec<Choice<Action>> {
    machine::options(TABLE, standing.state, facts)
}

/// Returns the actions that lead on from this state, whoever takes them: "who acts next".
pub fn ahead(state: State) -> impl Iterator<Item = &'static Row<State, Action>> {
    TABLE.iter().filter(move |row| row.from == state && !row.action.is_exceptional())
}

fn revert(standing: Standing, facts: &Facts) -> Result<Step, Illegal> {
    let illegal = |reason| Illegal {
        state: standing.state,
        action: Action::Revert,
        reason,
        legal: legal_actions(standing, facts),
    };
    let Some(row) = undoable(standing) else { return Err(illegal(Reason::State)) };
    if !table::REVERT_WHO.meets(facts.subjects) {
        return Err(illegal(Reason::Subject));
    }
    if !facts.holds(Guard::ReasonGiven) {
        return Err(illegal(Reason::Guards(vec![Guard::ReasonGiven])));
    }
    Ok(Step {
        from: row.to,
        action: Action::Revert,
        to: row.from,
        attempt: standing.attempt,
        effects: row.effects.iter().filter_map(|effect| effect.inverse()).collect(),
    })
}

/// Returns the row of the last step, when that step can be taken back.
fn undoable(standing: Standing) -> Option<&'static Row<State, Action>> {
    let past = standing.last?;
    let row = TABLE.iter().find(|row| row.from == past.from && row.action == past.action)?;
    (row.reversible && row.to == standing.state).then_some(row)
}
