//! The kernel decides as Cedar does.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use access::{Action, Subjects, permits};
use base::{Caller, Id, PersonId, RequestId, TenantId, caller::Person};
use proptest::prelude::*;

use super::{
    SERVICES,
    oracle::{Oracle, actions, complaints},
    subjects,
};

static ORACLES: LazyLock<Vec<Oracle>> = LazyLock::new(|| SERVICES.iter().map(Oracle::of).collect());

/// Asks both, and returns what they disagree about.
fn disagreement(
    oracle: &Oracle,
    action: &Action,
    held: &[(&str, Subjects)],
    scopes: Option<&[String]>,
) -> Option<String> {
    let bits = held.iter().fold(Subjects::NONE, |all, (_, bit)| all.or(*bit));
    let names: Vec<&str> = held.iter().map(|(name, _)| *name).collect();
    let ours = permits(action, bits, &somebody(scopes)).allow;
    let theirs = oracle.allows(action.name, &names, scopes);
    (ours != theirs).then(|| format!("{} by {names:?} with {scopes:?}: kernel {ours}, Cedar {theirs}", action.name))
}

fn somebody(scopes: Option<&[String]>) -> Caller {
    let person = Person {
        id: PersonId::from_u128(3),
        name: "Ana".to_owned(),
        language: "en".to_owned(),
        grants: Vec::new(),
        credential: PersonId::from_u128(4).uuid(),
        scopes: scopes.map(<[String]>::to_vec),
    };
    Caller::person(TenantId::from_u128(1), person, RequestId::from_u128(2))
}

fn each_action() -> impl Iterator<Item = (&'static Oracle, &'static Action)> {
    SERVICES
        .iter()
        .zip(ORACLES.iter())
        .flat_map(|(service, oracle)| service.policy.actions.iter().map(move |a| (oracle, a)))
}

/// Every scope that names a service or a noun of one, and some that cover nothing.
fn scopes() -> Vec<String> {
    let names = SERVICES.iter().flat_map(|service| service.policy.actions).map(|action| action.name);
    let prefixes: BTreeSet<&str> =
        names.flat_map(|name| name.match_indices('.').map(|(end, _)| &name[..end])).collect();
    let covering = prefixes.iter().flat_map(|prefix| [format!("{prefix}.*"), format!("{prefix}.read")]);
    let not_covering = ["", "*.read", "read", "projects", "projects.topic.list", "project.*"];
    covering.chain(["*".to_owned()]).chain(not_covering.map(str::to_owned)).collect()
}

fn check(disagreements: &[String]) {
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

#[test]
fn every_policy_is_valid_cedar() {
    for service in &SERVICES {
        let complaints = complaints(service);
        assert!(complaints.is_empty(), "{}:\n{}", service.policy.service, complaints.join("\n"));
    }
}

#[test]
fn kernel_and_cedar_name_the_same_actions() {
    for service in &SERVICES {
        let declared = service.policy.actions.iter();
        let ours: BTreeMap<String, bool> = declared.map(|action| (action.name.to_owned(), action.read)).collect();
        assert_eq!(ours, actions(service), "{}", service.policy.service);
    }
}

#[test]
fn kernel_and_cedar_agree_on_every_action_and_every_two_subjects() {
    let subjects = subjects();
    let mut found = Vec::new();
    for (oracle, action) in each_action() {
        found.extend(disagreement(oracle, action, &[], None));
        for (index, first) in subjects.iter().enumerate() {
            found.extend(disagreement(oracle, action, &[*first], None));
            for second in &subjects[index + 1..] {
                found.extend(disagreement(oracle, action, &[*first, *second], None));
            }
        }
    }
    check(&found);
}

#[test]
fn kernel_and_cedar_agree_on_every_action_and_every_scope_of_a_token() {
    let (everything, scopes) = (subjects(), scopes());
    let mut found = Vec::new();
    for (oracle, action) in each_action() {
        for held in [&everything[..], &[]] {
            found.extend(disagreement(oracle, action, held, Some(&[])));
            for scope in &scopes {
                found.extend(disagreement(oracle, action, held, Some(std::slice::from_ref(scope))));
            }
        }
    }
    check(&found);
}

/// Which action, by whom, and with a token of which scopes.
type Question = (usize, Vec<(&'static str, Subjects)>, Option<Vec<String>>);

fn question() -> impl Strategy<Value = Question> {
    let subjects = subjects();
    let most = subjects.len();
    let held = proptest::sample::subsequence(subjects, 0..=most);
    let scopes = proptest::option::of(proptest::collection::vec(proptest::sample::select(scopes()), 0..4));
    (0..each_action().count(), held, scopes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn kernel_and_cedar_agree_on_whatever_is_asked((index, held, scopes) in question()) {
        let (oracle, action) = each_action().nth(index).unwrap();
        prop_assert_eq!(disagreement(oracle, action, &held, scopes.as_deref()), None);
    }
}
