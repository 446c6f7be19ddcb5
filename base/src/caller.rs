//! Who asks: the one value that every action and every transaction is bound to.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{PersonId, RequestId, TenantId, Timestamp};

/// Who asks, for which tenant, by which request. Cloning is cheap.
///
/// The gateway's caller token carries it to the services; nothing else can make one for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    tenant: TenantId,
    who: Who,
    request: RequestId,
}

/// The kinds of caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A signed-in person.
    Person(Person),
    /// Somebody who has not signed in.
    Nobody,
    /// The installation itself: a job, an import from the command line, an event consumer. The name is for the audit log.
    System(&'static str),
}

/// A signed-in person as their session or token describes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person's id within the tenant.
    pub id: PersonId,
    /// The name to show; never logged.
    pub name: String,
    /// BCP 47 tag of the language chosen, for example `lo`.
    pub language: String,
    /// What the person may be here, each within its dates.
    pub grants: Vec<Grant>,
    /// The session or API token the request came with; what sign-out ends.
    pub credential: Uuid,
    /// The API token's scopes; `None` for a session, which may do all that its person may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// A role held by a person, where it holds, and from when to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The role's stable name, for example `administrator`; what it allows is the policy's matter.
    pub role: String,
    /// Where it holds.
    pub scope: Scope,
    /// First instant at which it holds.
    pub from: Timestamp,
    /// First instant at which it no longer holds.
    pub until: Timestamp,
}

/// Where a grant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In the whole tenant.
    Tenant,
    /// In one unit of it; the service that owns units knows which.
    Unit(Uuid),
}

impl Caller {
    /// Returns a signed-in person's caller.
    pub fn person(tenant: TenantId, person: Person, request: RequestId) -> Self {
        Self(Arc::new(Inner { tenant, who: Who::Person(person), request }))
    }

    /// Returns the caller of somebody not signed in.
    pub fn nobody(tenant: TenantId, request: RequestId) -> Self {
        Self(Arc::new(Inner { tenant, who: Who::Nobody, request }))
    }

    /// Returns the installation itself as caller; `name` says on whose behalf, for the audit log.
    pub fn system(tenant: TenantId, name: &'static str, request: RequestId) -> Self {
        Self(Arc::new(Inner { tenant, who: Who::System(name), request }))
    }

    /// Returns the tenant whose data this caller may touch.
    pub fn tenant(&self) -> TenantId {
        self.0.tenant
    }

    /// Returns who asks.
    pub fn who(&self) -> &Who {
        &self.0.who
    }

    /// Returns the request on whose behalf this happens.
    pub fn request(&self) -> RequestId {
        self.0.request
    }

    /// Returns the person, when one is signed in.
    pub fn as_person(&self) -> Option<&Person> {
        match &self.0.who {
            Who::Person(person) => Some(person),
            Who::Nobody | Who::System(_) => None,
        }
    }

    /// Returns the person's id, when one is signed in.
    pub fn person_id(&self) -> Option<PersonId> {
        self.as_person().map(|person| person.id)
    }

    /// Returns true for the installation itself.
    pub fn is_system(&self) -> bool {
        matches!(self.0.who, Who::System(_))
    }

    /// Returns the grants in force at `now`.
    pub fn grants_at(&self, now: Timestamp) -> impl Iterator<Item = &Grant> {
        let grants = self.as_person().map_or(&[][..], |person| person.grants.as_slice());
        grants.iter().filter(move |grant| grant.from <= now && now < grant.until)
    }
}
