//! What can be done, and by whom: constants of each service's `policy.rs`.

use crate::Subjects;

/// One thing that can be done, and who may do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// Stable name, `service.noun.verb`, for example `notes.note.list`.
    pub name: &'static str,
    /// Who may: one of these is enough.
    pub allow: Subjects,
    /// Who may not, even when allowed by another subject.
    pub forbid: Subjects,
    /// True when it changes nothing; what an API token with a `.read` scope may do.
    pub read: bool,
}

impl Action {
    /// Declares an action that changes nothing.
    pub const fn read(name: &'static str, allow: Subjects) -> Self {
        Self { name, allow, forbid: Subjects::NONE, read: true }
    }

    /// Declares an action that changes something.
    pub const fn write(name: &'static str, allow: Subjects) -> Self {
        Self { name, allow, forbid: Subjects::NONE, read: false }
    }

    /// Returns the action closed to these subjects, whatever else they are.
    #[must_use]
    pub const fn except(self, forbid: Subjects) -> Self {
        Self { forbid: self.forbid.or(forbid), ..self }
    }

    /// Returns the service: the name up to its first dot.
    pub fn service(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(service, _)| service)
    }
}

/// All actions of one service.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The service's name; every action's name starts with it.
    pub service: &'static str,
    /// The actions.
    pub actions: &'static [Action],
}

impl Policy {
    /// Declares the policy of `service`. A name that two actions share, or that does not start with the service's, does not
    /// build.
    pub const fn new(service: &'static str, actions: &'static [Action]) -> Self {
        let mut rest = actions;
        while let [action, others @ ..] = rest {
            assert!(starts_with(action.name, service), "an action's name starts with its service and a dot");
            let mut left = others;
            while let [other, more @ ..] = left {
                assert!(!same(action.name, other.name), "two actions of one policy have the same name");
                left = more;
            }
            rest = others;
        }
        Self { service, actions }
    }

    /// Returns the action of this name.
    pub fn find(&self, name: &str) -> Option<&'static Action> {
        self.actions.iter().find(|action| action.name == name)
    }
}

/// `name` is `service`, a dot, and at least one more byte. Written out because string comparison is not const.
const fn starts_with(name: &str, service: &str) -> bool {
    let (mut name, mut service) = (name.as_bytes(), service.as_bytes());
    while let [expected, service_rest @ ..] = service {
        let [byte, name_rest @ ..] = name else { return false };
        if *byte != *expected {
            return false;
        }
        (name, service) = (name_rest, service_rest);
    }
    matches!(name, [b'.', _, ..])
}

const fn same(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    loop {
        match (left, right) {
            ([], []) => return true,
            ([a, left_rest @ ..], [b, right_rest @ ..]) if *a == *b => (left, right) = (left_rest, right_rest),
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ANYONE, SIGNED_IN};

    const LIST: Action = Action::read("notes.note.list", ANYONE);
    const WRITE: Action = Action::write("notes.note.write", SIGNED_IN);
    static POLICY: Policy = Policy::new("notes", &[LIST, WRITE]);

    #[test]
    fn a_policy_finds_its_actions() {
        assert_eq!(POLICY.find("notes.note.write"), Some(&WRITE));
        assert_eq!(POLICY.find("notes.note"), None);
        assert_eq!(WRITE.service(), "notes");
    }

    #[test]
    fn names_are_compared_whole() {
        assert!(starts_with("notes.a", "notes"));
        assert!(!starts_with("notes.", "notes") && !starts_with("notesa.b", "notes") && !starts_with("not", "notes"));
        assert!(same("ab", "ab") && !same("ab", "abc") && !same("ab", "ac"));
    }

    #[test]
    #[should_panic(expected = "same name")]
    fn a_policy_with_a_name_twice_is_refused() {
        static TWICE: [Action; 2] = [LIST, LIST];
        let _ = Policy::new("notes", &TWICE);
    }
}
