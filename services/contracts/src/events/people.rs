//! What became of people: published by identity, kept as a read model by whoever shows names.

use base::{Event, Id, PersonId, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ids::MembershipId;

/// A person is new, or something on their card changed. Carries the whole card: the latest version replaces all earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonChanged {
    pub person: PersonId,
    /// Grows by one with each change; a consumer keeps the highest it has seen.
    pub version: i64,
    pub name: String,
    pub family_name: String,
    pub given_name: String,
    /// Normalised; unique in the university. Absent for people who have none.
    #[serde(default)]
    pub email: Option<String>,
    /// BCP 47 tag of the language the person reads.
    pub language: String,
    pub status: PersonStatus,
    /// Numbers by which the university knows the person: student number, staff number.
    #[serde(default)]
    pub numbers: Vec<String>,
    pub changed_at: Timestamp,
}

/// Whether a person can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonStatus {
    /// Has an account but has not yet chosen how to sign in.
    Invited,
    Active,
    Disabled,
}

impl Event for PersonChanged {
    const TYPE: &'static str = "identity.person.changed";

    fn key(&self) -> Uuid {
        self.person.uuid()
    }
}

/// A person was given a role, or its dates changed, or it was taken away: then `until` is when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MembershipChanged {
    pub membership: MembershipId,
    pub person: PersonId,
    /// A name of [`roles::names`](crate::roles::names).
    pub role: String,
    pub scope: Scope,
    pub from: Timestamp,
    /// First instant at which it no longer holds; absent when it holds until it is taken away.
    #[serde(default)]
    pub until: Option<Timestamp>,
    pub changed_at: Timestamp,
}

impl Event for MembershipChanged {
    const TYPE: &'static str = "identity.membership.changed";

    /// The person, so that a person's card and roles arrive in order.
    fn key(&self) -> Uuid {
        self.person.uuid()
    }
}
