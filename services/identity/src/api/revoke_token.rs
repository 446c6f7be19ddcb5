//! Revoke an API token.

use axum::{extract::State, response::Response};
use contracts::ids::ApiTokenId;
use futures_util::FutureExt;
use web::extract::{Path, Signed};

use crate::{Identity, actions::tokens, api::forget::Forget};

/// Revoke an API token of the person signed in.
#[utoipa::path(delete, path = "/api/v1/tokens/{token}", tag = "tokens", params(("token" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn revoke_token(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    Path(token): Path<ApiTokenId>,
) -> web::Result<(Forget, Response)> {
    identity.write(&caller, None, move |tx| tokens::revoke_token(tx, token).boxed()).await?;
    Ok((Forget(caller.person_id()), web::no_content()))
}
