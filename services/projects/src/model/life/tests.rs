//! The table walked whole, and long random lives.

use access::{SIGNED_IN, SYSTEM, Subjects};
use contracts::roles::{CHAIRS, COORDINATES, OWNER, SUPERVISES};
use proptest::prelude::*;

use super::*;

/// Section 4.2 of the domain, and what it implies: `from action to`, in any order.
const DOMAIN: &str = "
draft submit proposed; draft assign approved; proposed request_changes changes_requested; changes_requested resubmit proposed;
proposed endorse proposed; proposed approve approved; proposed reject rejected; approved start active;
active suspend suspended; suspended resume active; active submit_final submitted; active lapse lapsed; submitted reopen active;
submitted admit admitted; admitted schedule_defence defence_scheduled; admitted skip_defence marking;
defence_scheduled cancel_defence admitted; defence_scheduled record_held defended; defended require_corrections corrections;
defended begin_marking marking; corrections submit_corrections corrections_review; corrections_review accept_corrections marking;
corrections_review reject_corrections corrections; marking complete_marking marked; marked moderate moderated;
moderated ratify ratified; ratified release released; released uphold_appeal marking; released archive archived;
archived anonymise anonymised; withdrawn new_attempt draft; failed new_attempt draft";

const EVERYBODY: [Subjects; 6] = [SIGNED_IN, SYSTEM, OWNER, SUPERVISES, COORDINATES, CHAIRS];

fn at(state: State) -> Standing {
    Standing { state, ..Standing::new() }
}

fn row(state: State, action: Action) -> Option<&'static Row<State, Action>> {
    TABLE.iter().find(|row| row.from == state && row.action == action)
}

#[test]
fn the_table_is_the_domains() {
    let mut expected: Vec<String> = DOMAIN.split(';').map(|line| line.trim().to_owned()).collect();
    let leaves = |row: &&Row<State, Action>| matches!(row.action, Action::Withdraw | Action::Fail);
    let mut found: Vec<String> =
        TABLE.iter().filter(|row| !leaves(row)).map(|row| format!("{} {} {}", row.from, row.action, row.to)).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_state_before_the_board_can_be_left_and_none_after_it() {
    for state in State::ALL {
        let judged = matches!(state, State::Ratified | State::Released) || state.is_over();
        let leaves = TABLE.iter().any(|row| row.from == *state && matches!(row.to, State::Withdrawn | State::Failed));
        assert_eq!(leaves, !judged, "{state}");
    }
}

#[test]
fn a_state_has_one_row_per_action() {
    for (index, row) in TABLE.iter().enumerate() {
        let same = TABLE.iter().skip(index + 1).any(|other| other.from == row.from && other.action == row.action);
        assert!(!same, "{} {} twice", row.from, row.action);
    }
}

#[test]
fn every_state_action_and_role_is_decided_by_the_table_alone() {
    for state in State::ALL {
        for action in Action::ALL.iter().filter(|action| **action != Action::Revert) {
            for subjects in EVERYBODY {
                let outcome = apply(at(*state), *action, &Facts::all_holding(subjects));
                match row(*state, *action) {
                    None => assert_eq!(outcome.unwrap_err().reason, Reason::State, "{state} {action}"),
                    Some(row) if !row.who.meets(subjects) => {
                        assert_eq!(outcome.unwrap_err().reason, Reason::Subject, "{state} {action} {subjects:?}");
                    }
                    Some(row) => assert_eq!(outcome.unwrap().to, row.to, "{state} {action} {subjects:?}"),
                }
            }
        }
    }
}

#[test]
fn each_guard_alone_stops_its_row_and_is_named() {
    for row in TABLE {
        for guard in row.guards {
            let facts = Facts::all_holding(row.who).with(*guard, false);
            let illegal = apply(at(row.from), row.action, &facts).unwrap_err();
            assert_eq!(illegal.reason, Reason::Guards(vec![*guard]), "{} {}", row.from, row.action);
            let offered = illegal.legal.contains(&row.action);
            assert_eq!(offered, guard.comes_with_the_request(), "{} {} {guard}", row.from, row.action);
        }
    }
}

#[test]
fn a_refusal_lists_exactly_what_would_not_be_refused() {
    for state in State::ALL {
        for subjects in EVERYBODY {
            let facts = Facts::all_holding(subjects);
            let legal = legal_actions(at(*state), &facts);
            for action in Action::ALL {
                assert_eq!(apply(at(*state), *action, &facts).is_ok(), legal.contains(action), "{state} {action}");
            }
        }
    }
}

#[test]
fn a_reversible_row_has_an_opposite_for_each_effect() {
    for row in TABLE.iter().filter(|row| row.reversible) {
        assert!(row.effects.iter().all(|effect| effect.inverse().is_some()), "{} {}", row.from, row.action);
    }
}

#[test]
fn a_revert_appends_the_opposite_and_cannot_be_reverted() {
    let facts = Facts::all_holding(COORDINATES);
    let standing = at(State::Proposed);
    let approved = apply(standing, Action::Approve, &facts).unwrap();
    let standing = standing.after(&approved);
    let back = apply(standing, Action::Revert, &facts).unwrap();
    assert_eq!(
        (back.from, back.to, back.effects.as_slice()),
        (State::Approved, State::Proposed, &[Effect::GiveCapacityBack][..])
    );
    let standing = standing.after(&back);
    assert_eq!(apply(standing, Action::Revert, &facts).unwrap_err().reason, Reason::State);
}

#[test]
fn a_new_attempt_is_counted_and_starts_a_history_of_its_own() {
    let facts = Facts::all_holding(OWNER);
    let standing = at(State::Withdrawn);
    let step = apply(standing, Action::NewAttempt, &facts).unwrap();
    assert_eq!(standing.after(&step), Standing { state: State::Draft, attempt: 2, last: None });
}

#[test]
fn somebody_acts_next_until_the_life_is_over() {
    for state in State::ALL.iter().filter(|state| !state.is_over() && **state != State::Lapsed) {
        assert!(ahead(*state).next().is_some(), "{state}");
    }
}

fn moves() -> impl Strategy<Value = Vec<(usize, usize, u64)>> {
    proptest::collection::vec((0..Action::ALL.len(), 0..EVERYBODY.len(), any::<u64>()), 0..200)
}

proptest! {
    #[test]
    fn no_life_leaves_the_table(moves in moves()) {
        let mut standing = Standing::new();
        let mut history: Vec<Past> = Vec::new();
        for (action, who, holding) in moves {
            let facts = Guard::ALL.iter().enumerate().fold(Facts::of(EVERYBODY[who]), |facts, (index, guard)| {
                // Mostly true, or few lives would get far.
                facts.with(*guard, holding >> (index % 64) & 1 == 1 || holding % 3 != 0)
            });
            let before = (standing, history.clone());
            let Ok(step) = apply(standing, Action::ALL[action], &facts) else { continue };
            prop_assert_eq!(step.from, standing.state);
            let by_row = row(step.from, step.action).is_some_and(|row| row.to == step.to);
            let by_revert = step.action == Action::Revert && history.last().is_some_and(|past| {
                past.from == step.to && past.to == step.from && row(past.from, past.action).is_some_and(|row| row.reversible)
            });
            prop_assert!(by_row || by_revert, "{} {} {}", step.from, step.action, step.to);
            let grown = u16::from(step.action == Action::NewAttempt);
            prop_assert_eq!(step.attempt, standing.attempt + grown);
            standing = standing.after(&step);
            if grown == 1 {
                history.clear();
            } else {
                history.push(Past { from: step.from, action: step.action, to: step.to });
                prop_assert_eq!(&history[..history.len() - 1], before.1.as_slice());
                prop_assert_eq!(standing.last, history.last().copied());
            }
        }
    }
}
