//! JSON: one file per endpoint.
//!
//! Owns the forms of requests and answers. Never decides anything: each handler calls one action.
//! Start reading at [`sign_in`].

pub(crate) mod change_person;
pub(crate) mod choose_password;
pub mod cookie;
pub(crate) mod create_person;
pub(crate) mod create_token;
pub(crate) mod end_membership;
pub(crate) mod end_session;
pub(crate) mod forget;
pub(crate) mod grant_membership;
pub mod internal;
pub(crate) mod invite_person;
pub(crate) mod invite_waiting;
mod limits;
pub(crate) mod list_memberships;
pub(crate) mod list_people;
pub(crate) mod list_sessions;
pub(crate) mod list_tokens;
pub(crate) mod read_person;
pub(crate) mod read_session;
pub(crate) mod request_password_reset;
pub(crate) mod revoke_token;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_out_person;
pub(crate) mod visitor;

use base::{Id, Scope, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{membership::Membership, person::Person};

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonView {
    id: Uuid,
    name: String,
    family_name: String,
    given_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// `en` or `lo`.
    language: String,
    /// `invited`, `active` or `disabled`.
    status: &'static str,
    /// Student number, staff number; only where one person is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    numbers: Option<Vec<String>>,
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

impl PersonView {
    fn new(person: Person, numbers: Option<Vec<String>>) -> Self {
        Self {
            id: person.id.uuid(),
            name: person.name.full,
            family_name: person.name.family,
            given_name: person.name.given,
            email: person.email,
            language: person.language,
            status: person.status.name(),
            numbers,
            version: person.version,
            created_at: person.created_at,
            changed_at: person.changed_at,
        }
    }
}

/// A role that a person holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MembershipView {
    id: Uuid,
    /// `student`, `supervisor`, `examiner`, `coordinator`, `administrator` or `external`.
    role: String,
    /// The programme in which it holds; absent when it holds in the whole university.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Uuid>,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// First instant at which it no longer holds; absent when it holds until it is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

impl From<Membership> for MembershipView {
    fn from(membership: Membership) -> Self {
        let Membership { id, role, scope, from, until, .. } = membership;
        Self { id: id.uuid(), role, unit: unit(scope), from, until }
    }
}

/// Returns the unit of a scope; `None` for the whole university.
fn unit(scope: Scope) -> Option<Uuid> {
    match scope {
        Scope::Tenant => None,
        Scope::Unit(unit) => Some(unit),
    }
}

/// Something that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Created {
    id: Uuid,
}
