//! The roles and relations of a product: which name is which bit, and what a caller holds.

use base::{Caller, Grant, Timestamp, caller::Scope, caller::Who};
use uuid::Uuid;

use crate::{
    NOBODY, SIGNED_IN, SYSTEM, Subjects,
    subjects::{ANYONE, FIRST_FREE_BIT},
};

/// Role and relation names with their bits. Roles come from grants; relations are found by the service that owns the object.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary {
    roles: &'static [(&'static str, Subjects)],
    relations: &'static [(&'static str, Subjects)],
}

impl Vocabulary {
    /// Declares the names. A bit used twice, or built in, does not build.
    pub const fn new(
        roles: &'static [(&'static str, Subjects)],
        relations: &'static [(&'static str, Subjects)],
    ) -> Self {
        let taken = distinct(roles, Subjects::from_bits((1 << FIRST_FREE_BIT) - 1));
        distinct(relations, taken);
        Self { roles, relations }
    }

    /// Returns the roles: name and bit.
    pub const fn roles(&self) -> &'static [(&'static str, Subjects)] {
        self.roles
    }

    /// Returns the relations: name and bit.
    pub const fn relations(&self) -> &'static [(&'static str, Subjects)] {
        self.relations
    }

    /// Returns the bit of the role of this name.
    pub fn role(&self, name: &str) -> Option<Subjects> {
        self.roles.iter().find(|(role, _)| *role == name).map(|(_, bit)| *bit)
    }

    /// Returns what the caller is at `now` for an object in `unit`, or for one in no unit.
    ///
    /// A grant in the whole tenant holds in every unit; a grant in a unit holds in that unit alone. Roles that the vocabulary
    /// does not know give nothing.
    pub fn held(&self, caller: &Caller, now: Timestamp, unit: Option<Uuid>) -> Subjects {
        self.collect(caller, now, |grant| match grant.scope {
            Scope::Tenant => true,
            Scope::Unit(granted) => unit == Some(granted),
        })
    }

    /// Returns what the caller is at `now` in any unit: for lists, which the query then cuts to the units in question.
    pub fn held_anywhere(&self, caller: &Caller, now: Timestamp) -> Subjects {
        self.collect(caller, now, |_| true)
    }

    /// Returns what the caller could be at `now` for some object: their roles anywhere, and every relation when signed in.
    ///
    /// It refuses early, before an object is read, those who could not be allowed for any; it never suffices to allow.
    pub fn imaginable(&self, caller: &Caller, now: Timestamp) -> Subjects {
        let held = self.held_anywhere(caller, now);
        if caller.as_person().is_none() {
            return held;
        }
        self.relations.iter().fold(held, |all, (_, bit)| all.or(*bit))
    }

    /// Returns the names in the set, built-in ones included, for explanations and audit records.
    pub fn names(&self, subjects: Subjects) -> Vec<&'static str> {
        let built_in = [("nobody", NOBODY), ("signed_in", SIGNED_IN), ("system", SYSTEM)];
        let all = built_in.iter().chain(self.roles).chain(self.relations);
        all.filter(|(_, bit)| subjects.meets(*bit)).map(|(name, _)| *name).collect()
    }

    fn collect(&self, caller: &Caller, now: Timestamp, holds: impl Fn(&Grant) -> bool) -> Subjects {
        match caller.who() {
            Who::Nobody => NOBODY,
            Who::System(_) => SYSTEM,
            Who::Person(_) => caller
                .grants_at(now)
                .filter(|grant| holds(grant))
                .filter_map(|grant| self.role(&grant.role))
                .fold(SIGNED_IN, Subjects::or),
        }
    }
}

const fn distinct(mut names: &[(&'static str, Subjects)], mut taken: Subjects) -> Subjects {
    while let [(_, bit), rest @ ..] = names {
        assert!(bit.count() == 1, "a role or relation is one bit");
        assert!(!bit.meets(taken) && !bit.meets(ANYONE), "a bit has one meaning");
        taken = taken.or(*bit);
        names = rest;
    }
    taken
}

#[cfg(test)]
mod tests {
    use base::{Id, PersonId, RequestId, TenantId, caller::Person};
    use proptest::prelude::*;

    use super::*;

    const READER: Subjects = Subjects::bit(3);
    const WRITER: Subjects = Subjects::bit(4);
    const OWNER: Subjects = Subjects::bit(32);
    static VOCABULARY: Vocabulary = Vocabulary::new(&[("reader", READER), ("writer", WRITER)], &[("owner", OWNER)]);

    const TENANT: TenantId = TenantId::from_u128(1);
    const REQUEST: RequestId = RequestId::from_u128(2);
    const NOON: Timestamp = Timestamp::from_micros(12);

    fn unit(number: u128) -> Uuid {
        PersonId::from_u128(number).uuid()
    }

    fn grant(role: &str, scope: Scope, from: i64, until: i64) -> Grant {
        let (from, until) = (Timestamp::from_micros(from), Timestamp::from_micros(until));
        Grant { role: role.to_owned(), scope, from, until }
    }

    fn caller(grants: Vec<Grant>) -> Caller {
        let person = Person {
            id: PersonId::from_u128(3),
            name: "Ana".to_owned(),
            language: "en".to_owned(),
            grants,
            credential: unit(4),
            scopes: None,
        };
        Caller::person(TENANT, person, REQUEST)
    }

    #[test]
    fn a_tenant_grant_holds_in_every_unit_and_a_unit_grant_in_its_own() {
        let caller = caller(vec![grant("reader", Scope::Tenant, 0, 99), grant("writer", Scope::Unit(unit(7)), 0, 99)]);
        let reads = SIGNED_IN.or(READER);
        assert_eq!(VOCABULARY.held(&caller, NOON, None), reads);
        assert_eq!(VOCABULARY.held(&caller, NOON, Some(unit(8))), reads);
        assert_eq!(VOCABULARY.held(&caller, NOON, Some(unit(7))), reads.or(WRITER));
        assert_eq!(VOCABULARY.held_anywhere(&caller, NOON), reads.or(WRITER));
        assert_eq!(VOCABULARY.imaginable(&caller, NOON), reads.or(WRITER).or(OWNER));
    }

    #[test]
    fn a_grant_starts_at_its_first_instant_and_has_ended_at_its_last() {
        for (from, until, holds) in [(12, 13, true), (13, 20, false), (0, 12, false), (0, 13, true)] {
            let caller = caller(vec![grant("reader", Scope::Tenant, from, until)]);
            assert_eq!(VOCABULARY.held(&caller, NOON, None).meets(READER), holds, "{from}..{until}");
        }
    }

    #[test]
    fn nobody_and_the_system_have_no_roles_and_an_unknown_role_gives_nothing() {
        let nobody = Caller::nobody(TENANT, REQUEST);
        let system = Caller::system(TENANT, "job", REQUEST);
        assert_eq!(VOCABULARY.held(&nobody, NOON, None), NOBODY);
        assert_eq!(VOCABULARY.imaginable(&nobody, NOON), NOBODY);
        assert_eq!(VOCABULARY.held(&system, NOON, None), SYSTEM);
        let unknown = caller(vec![grant("signed_in", Scope::Tenant, 0, 99), grant("owner", Scope::Tenant, 0, 99)]);
        assert_eq!(VOCABULARY.held(&unknown, NOON, None), SIGNED_IN);
    }

    #[test]
    fn names_are_those_of_the_bits() {
        assert_eq!(VOCABULARY.names(SIGNED_IN.or(WRITER).or(OWNER)), ["signed_in", "writer", "owner"]);
    }

    #[test]
    #[should_panic(expected = "one meaning")]
    fn a_bit_with_two_meanings_is_refused() {
        let _ = Vocabulary::new(&[("reader", READER)], &[("owner", READER)]);
    }

    fn grants() -> impl Strategy<Value = Vec<Grant>> {
        let role = prop_oneof![Just("reader"), Just("writer"), Just("other")];
        let scope = prop_oneof![Just(Scope::Tenant), (7_u128..9).prop_map(|number| Scope::Unit(unit(number)))];
        let one =
            (role, scope, 0_i64..25, 0_i64..25).prop_map(|(role, scope, from, until)| grant(role, scope, from, until));
        proptest::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn a_role_is_held_exactly_when_a_grant_in_force_gives_it_there(grants in grants(), number in 7_u128..10) {
            let there = Some(unit(number));
            let expected = |name: &str| grants.iter().any(|grant| {
                let in_force = grant.from <= NOON && NOON < grant.until;
                let here = grant.scope == Scope::Tenant || grant.scope == Scope::Unit(unit(number));
                grant.role == name && in_force && here
            });
            let held = VOCABULARY.held(&caller(grants.clone()), NOON, there);
            prop_assert_eq!(held.meets(READER), expected("reader"));
            prop_assert_eq!(held.meets(WRITER), expected("writer"));
            prop_assert!(held.contains(SIGNED_IN) && !held.meets(NOBODY.or(SYSTEM).or(OWNER)));
            prop_assert!(VOCABULARY.held_anywhere(&caller(grants.clone()), NOON).contains(held));
            prop_assert!(VOCABULARY.imaginable(&caller(grants), NOON).contains(held));
        }
    }
}
