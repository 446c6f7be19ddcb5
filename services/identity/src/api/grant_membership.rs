//! Give a person a role.

use axum::{extract::State, response::Response};
use base::{Id, PersonId, Scope, Timestamp};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use web::extract::{Json, OnceKey, Path, Signed};

use crate::{Identity, actions::memberships, api::Created, api::forget::Forget, model::membership::NewMembership};

/// A role to be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMembershipBody {
    /// `student`, `supervisor`, `examiner`, `coordinator`, `administrator` or `external`.
    role: String,
    /// The programme in which it holds; absent for the whole university.
    #[serde(default)]
    unit: Option<Uuid>,
    /// When it begins; now when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// First instant at which it no longer holds; absent when it holds until it is taken away.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Give a person a role.
#[utoipa::path(post, path = "/api/v1/people/{person}/memberships", tag = "people", params(("person" = uuid::Uuid, Path)),
    request_body = NewMembershipBody, responses((status = 201, body = Created), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn grant_membership(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Path(person): Path<PersonId>,
    Json(body): Json<NewMembershipBody>,
) -> web::Result<(Forget, Response)> {
    let NewMembershipBody { role, unit, from, until } = body;
    let new = NewMembership { role, scope: unit.map_or(Scope::Tenant, Scope::Unit), from, until };
    let id = identity.write(&caller, once, move |tx| memberships::grant_membership(tx, person, new).boxed()).await?;
    Ok((
        Forget(Some(person)),
        web::created(&format!("/api/v1/people/{person}/memberships/{id}"), Created { id: id.uuid() }),
    ))
}
