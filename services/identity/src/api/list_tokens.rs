//! List one's API tokens.

use axum::extract::State;
use base::{Id, Timestamp};
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use web::extract::{Json, Signed};

use crate::{Identity, actions::tokens, model::api_token::ApiToken};

/// An API token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    id: Uuid,
    name: String,
    scopes: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was used last, to the hour; absent when never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        let ApiToken { id, name, scopes, created_at, used_at, expires_at, .. } = token;
        Self { id: id.uuid(), name, scopes, created_at, used_at, expires_at }
    }
}

/// List the API tokens of the person signed in, the newest first.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", responses((status = 200, body = web::List<TokenView>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_tokens(
    State(identity): State<Identity>,
    Signed(caller): Signed,
) -> web::Result<Json<web::List<TokenView>>> {
    let tokens = identity.read(&caller, |tx| tokens::list_tokens(tx).boxed()).await?;
    Ok(Json(web::List::whole(tokens)))
}
