//! Memberships: a role that a person holds, where, and from when to when.

use base::{FieldError, Grant, PersonId, Scope, Timestamp};
use contracts::{
    events::people::MembershipChanged,
    ids::MembershipId,
    roles::{OPERATOR, VOCABULARY},
};
use uuid::Uuid;

/// A role that a person holds, where, and from when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub id: MembershipId,
    pub person: PersonId,
    pub role: String,
    pub scope: Scope,
    pub from: Timestamp,
    /// `None`: until it is taken away.
    pub until: Option<Timestamp>,
}

/// A role to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMembership {
    pub role: String,
    pub scope: Scope,
    /// `None`: from now on.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl NewMembership {
    /// Returns the role in the whole tenant, from now on.
    pub fn everywhere(role: &str) -> Self {
        Self { role: role.to_owned(), scope: Scope::Tenant, from: None, until: None }
    }

    /// Returns every field that is wrong for a membership given at `now`.
    pub fn check(&self, now: Timestamp) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        // The installation's operators are none of a university's business.
        if VOCABULARY.role(&self.role).is_none_or(|role| role == OPERATOR) {
            errors.push(FieldError::new("role", "choice"));
        }
        if self.scope == Scope::Unit(Uuid::nil()) {
            errors.push(FieldError::new("unit", "choice"));
        }
        if self.until.is_some_and(|until| until <= self.from.unwrap_or(now)) {
            errors.push(FieldError::new("until", "order"));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Membership {
    /// Returns true when the role holds at `now`.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Returns the grant that goes with the caller.
    pub fn grant(&self) -> Grant {
        Grant {
            role: self.role.clone(),
            scope: self.scope,
            from: self.from,
            until: self.until.unwrap_or(Timestamp::MAX),
        }
    }

    /// Returns what other services are told.
    pub fn changed(&self, changed_at: Timestamp) -> MembershipChanged {
        MembershipChanged {
            membership: self.id,
            person: self.person,
            role: self.role.clone(),
            scope: self.scope,
            from: self.from,
            until: self.until,
            changed_at,
        }
    }
}

/// Returns the unit's column: all zeros for the whole tenant.
pub fn unit_column(scope: Scope) -> Uuid {
    match scope {
        Scope::Tenant => Uuid::nil(),
        Scope::Unit(unit) => unit,
    }
}

/// Returns the scope that a unit's column says.
pub fn scope_of(unit: Uuid) -> Scope {
    if unit.is_nil() { Scope::Tenant } else { Scope::Unit(unit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(10);

    fn membership(from: i64, until: Option<i64>) -> Membership {
        Membership {
            id: MembershipId::from_u128(1),
            person: PersonId::from_u128(2),
            role: "supervisor".to_owned(),
            scope: Scope::Tenant,
            from: Timestamp::from_micros(from),
            until: until.map(Timestamp::from_micros),
        }
    }

    #[test]
    fn a_membership_holds_between_its_dates() {
        for (from, until, holds) in [(10, None, true), (11, None, false), (0, Some(10), false), (0, Some(11), true)] {
            assert_eq!(membership(from, until).holds_at(NOW), holds, "{from} {until:?}");
        }
    }

    #[test]
    fn an_open_end_can_be_written_and_read() {
        let text = serde_json::to_string(&membership(0, None).grant()).unwrap();
        assert_eq!(serde_json::from_str::<Grant>(&text).unwrap().until, Timestamp::MAX);
    }

    #[test]
    fn a_membership_is_checked() {
        let mut new = NewMembership::everywhere("student");
        assert_eq!(new.check(NOW), Ok(()));
        new.role = "operator".to_owned();
        assert_eq!(new.check(NOW).unwrap_err().len(), 1);
        new.role = "signed_in".to_owned();
        new.until = Some(NOW);
        assert_eq!(new.check(NOW).unwrap_err().len(), 2);
    }

    #[test]
    fn a_scope_is_its_column() {
        for scope in [Scope::Tenant, Scope::Unit(Uuid::from_u128(7))] {
            assert_eq!(scope_of(unit_column(scope)), scope);
        }
    }
}
