//! Make an API token.

use axum::{extract::State, response::Response};
use base::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::extract::{Json, OnceKey, Signed};

use super::limits;
use crate::{Error, Identity, actions::tokens, model::api_token::NewApiToken};

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTokenBody {
    #[schema(schema_with = limits::token_name)]
    name: String,
    #[schema(schema_with = limits::token_scopes)]
    scopes: Vec<String>,
    #[schema(schema_with = limits::token_days)]
    days: u16,
}

/// A token that was made. The secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeToken {
    id: Uuid,
    /// Goes into the header `Authorization: Bearer ...`.
    token: String,
}

/// Make an API token for the person signed in.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewTokenBody,
    responses((status = 201, body = MadeToken), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_token(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Json(body): Json<NewTokenBody>,
) -> web::Result<Response> {
    let new = NewApiToken::check(&body.name, &body.scopes, body.days).map_err(Error::Fields)?;
    let made = tokens::create_token(&identity, &caller, once, new).await?;
    let location = format!("/api/v1/tokens/{}", made.id);
    Ok(web::created(&location, MadeToken { id: made.id.uuid(), token: made.credential.expose() }))
}
