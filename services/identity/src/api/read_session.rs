//! Read who one is.

use base::Id;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use web::extract::{Json, Signed};

use crate::api::unit;

/// The person signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    tenant: Uuid,
    person: Uuid,
    name: String,
    language: String,
    roles: Vec<RoleView>,
    /// The session or API token in use.
    credential: Uuid,
    /// The scopes of the API token; absent for a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
}

/// A role held now or from a later date.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleView {
    role: String,
    /// The programme in which it holds; absent when it holds in the whole university.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Uuid>,
}

/// Read who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = Me), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_session(Signed(caller): Signed) -> web::Result<Json<Me>> {
    let Some(person) = caller.as_person().cloned() else { return Err(web::Refusal::SignIn.into()) };
    let roles = person.grants.into_iter().map(|grant| RoleView { unit: unit(grant.scope), role: grant.role });
    Ok(Json(Me {
        tenant: caller.tenant().uuid(),
        person: person.id.uuid(),
        name: person.name,
        language: person.language,
        roles: roles.collect(),
        credential: person.credential,
        scopes: person.scopes,
    }))
}
