//! Add a person.

use axum::{extract::State, response::Response};
use base::{Id, Scope};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use web::extract::{Json, OnceKey, Signed};

use super::limits;
use crate::{
    Identity,
    actions::people::{self, NewPerson},
    api::Created,
    model::{membership::NewMembership, person::ProfileInput},
};

/// A person to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPersonBody {
    #[serde(default)]
    #[schema(schema_with = limits::full_name)]
    name: String,
    #[serde(default)]
    #[schema(schema_with = limits::name)]
    family_name: String,
    #[serde(default)]
    #[schema(schema_with = limits::name)]
    given_name: String,
    #[serde(default)]
    #[schema(schema_with = limits::email)]
    email: String,
    /// `en` or `lo`.
    language: String,
    #[serde(default)]
    #[schema(schema_with = limits::numbers)]
    numbers: Vec<String>,
    #[serde(default)]
    roles: Vec<NewRoleBody>,
    /// Whether to send an invitation to choose a password.
    #[serde(default)]
    invite: bool,
}

/// A role to be given from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoleBody {
    /// `student`, `supervisor`, `examiner`, `coordinator`, `administrator` or `external`.
    role: String,
    /// The programme in which it holds; absent for the whole university.
    #[serde(default)]
    unit: Option<Uuid>,
}

impl From<NewPersonBody> for NewPerson {
    fn from(body: NewPersonBody) -> Self {
        let NewPersonBody { name, family_name, given_name, email, language, numbers, roles, invite } = body;
        let memberships = roles.into_iter().map(|role| NewMembership {
            scope: role.unit.map_or(Scope::Tenant, Scope::Unit),
            ..NewMembership::everywhere(&role.role)
        });
        Self {
            profile: ProfileInput { name, family_name, given_name, email, language, numbers },
            memberships: memberships.collect(),
            invite,
            password_hash: None,
        }
    }
}

/// Add a person.
#[utoipa::path(post, path = "/api/v1/people", tag = "people", request_body = NewPersonBody,
    responses((status = 201, body = Created), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_person(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Json(body): Json<NewPersonBody>,
) -> web::Result<Response> {
    let new = NewPerson::from(body);
    let links = identity.links();
    let saved = identity.write(&caller, once, |tx| people::create_person(tx, links, new).boxed()).await?;
    Ok(web::created(&format!("/api/v1/people/{}", saved.id), Created { id: saved.id.uuid() }))
}
