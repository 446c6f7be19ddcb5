//! The decision: token scope, then forbid, then allow, else deny.

use base::{Caller, caller::Who};

use crate::{Action, Denied, Subjects, scope};

/// What was decided, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// True when the caller may.
    pub allow: bool,
    /// Why, or why not.
    pub reason: Reason,
}

/// Why a decision came out as it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Allowed by these roles and relations.
    Allowed(Subjects),
    /// Refused because of these, whatever else the caller is.
    Forbidden(Subjects),
    /// Refused: nothing that the caller is allows it.
    NotAllowed,
    /// Refused: nobody is signed in, and somebody who is might be allowed.
    NotSignedIn,
    /// Refused: the API token was not given this.
    OutsideScope,
}

/// Decides whether `caller`, being `subjects`, may do `action`. Default is no.
pub fn permits(action: &Action, subjects: Subjects, caller: &Caller) -> Decision {
    if let Some(reason) = refusal(action, subjects, caller) {
        return Decision { allow: false, reason };
    }
    Decision { allow: true, reason: Reason::Allowed(action.allow.and(subjects)) }
}

/// Returns an error unless `caller`, being `subjects`, may do `action`.
pub fn require(action: &Action, subjects: Subjects, caller: &Caller) -> Result<(), Denied> {
    match refusal(action, subjects, caller) {
        None => Ok(()),
        Some(reason) => Err(Denied { action: action.name, reason }),
    }
}

fn refusal(action: &Action, subjects: Subjects, caller: &Caller) -> Option<Reason> {
    if let Some(scopes) = caller.as_person().and_then(|person| person.scopes.as_deref())
        && !scope::covers(scopes, action)
    {
        return Some(Reason::OutsideScope);
    }
    if action.forbid.meets(subjects) {
        return Some(Reason::Forbidden(action.forbid.and(subjects)));
    }
    if action.allow.meets(subjects) {
        return None;
    }
    match caller.who() {
        Who::Nobody => Some(Reason::NotSignedIn),
        Who::Person(_) | Who::System(_) => Some(Reason::NotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use base::{Id, PersonId, RequestId, TenantId, caller::Person};
    use proptest::prelude::*;

    use super::*;
    use crate::{ANYONE, NOBODY, SIGNED_IN, SYSTEM};

    const TENANT: TenantId = TenantId::from_u128(1);
    const REQUEST: RequestId = RequestId::from_u128(2);

    fn person(scopes: Option<&[&str]>) -> Caller {
        let person = Person {
            id: PersonId::from_u128(3),
            name: "Ana".to_owned(),
            language: "en".to_owned(),
            grants: Vec::new(),
            credential: PersonId::from_u128(4).uuid(),
            scopes: scopes.map(|scopes| scopes.iter().map(|&scope| scope.to_owned()).collect()),
        };
        Caller::person(TENANT, person, REQUEST)
    }

    fn nobody() -> Caller {
        Caller::nobody(TENANT, REQUEST)
    }

    #[test]
    fn every_combination_of_four_subjects_is_decided_by_the_rule() {
        for (allow, forbid, held) in
            (0..16_u64).flat_map(|a| (0..16).flat_map(move |f| (0..16).map(move |h| (a, f, h))))
        {
            let action = Action::write("a.b.c", Subjects::from_bits(allow)).except(Subjects::from_bits(forbid));
            let expected = held & forbid == 0 && held & allow != 0;
            let decision = permits(&action, Subjects::from_bits(held), &person(None));
            assert_eq!(decision.allow, expected, "allow {allow:04b} forbid {forbid:04b} held {held:04b}");
            assert_eq!(require(&action, Subjects::from_bits(held), &person(None)).is_ok(), expected);
        }
    }

    #[test]
    fn an_action_that_allows_nobody_in_particular_is_closed_to_all() {
        let closed = Action::read("a.b.c", Subjects::NONE);
        for caller in [person(None), nobody(), Caller::system(TENANT, "job", REQUEST)] {
            assert!(!permits(&closed, Subjects::from_bits(u64::MAX), &caller).allow);
        }
    }

    #[test]
    fn the_reason_says_what_would_help() {
        let members = Action::read("a.b.c", SIGNED_IN);
        assert_eq!(permits(&members, NOBODY, &nobody()).reason, Reason::NotSignedIn);
        assert_eq!(permits(&members, Subjects::bit(9), &person(None)).reason, Reason::NotAllowed);
        assert_eq!(permits(&members, SIGNED_IN, &person(None)).reason, Reason::Allowed(SIGNED_IN));
        assert_eq!(permits(&members, SIGNED_IN, &person(Some(&["z.*"]))).reason, Reason::OutsideScope);
        let apart = Action::read("a.b.c", ANYONE).except(SYSTEM);
        assert_eq!(permits(&apart, ANYONE.or(SYSTEM), &person(None)).reason, Reason::Forbidden(SYSTEM));
    }

    #[test]
    fn a_token_without_scopes_may_do_nothing() {
        let open = Action::read("a.b.c", ANYONE);
        assert!(!permits(&open, SIGNED_IN, &person(Some(&[]))).allow);
    }

    proptest! {
        #[test]
        fn forbid_wins_and_default_is_deny(allow: u64, forbid: u64, held: u64, read: bool) {
            let action = Action {
                name: "a.b.c",
                allow: Subjects::from_bits(allow),
                forbid: Subjects::from_bits(forbid),
                read,
            };
            let decision = permits(&action, Subjects::from_bits(held), &person(None));
            prop_assert_eq!(decision.allow, held & forbid == 0 && held & allow != 0);
        }

        #[test]
        fn a_scope_never_widens(allow: u64, held: u64, scope in "(\\*|a\\.\\*|a\\.read|b\\.\\*|x)", read: bool) {
            let action = Action { name: "a.b.c", allow: Subjects::from_bits(allow), forbid: Subjects::NONE, read };
            let held = Subjects::from_bits(held);
            let with = permits(&action, held, &person(Some(&[&scope]))).allow;
            let without = permits(&action, held, &person(None)).allow;
            prop_assert!(!with || without);
        }

        #[test]
        fn more_subjects_never_close_an_action_that_forbids_none(allow: u64, held: u64, more: u64) {
            let action = Action::read("a.b.c", Subjects::from_bits(allow));
            let before = permits(&action, Subjects::from_bits(held), &person(None)).allow;
            let after = permits(&action, Subjects::from_bits(held | more), &person(None)).allow;
            prop_assert!(!before || after);
        }
    }
}
