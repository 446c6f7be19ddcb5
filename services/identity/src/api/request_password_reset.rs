//! Ask for a new password.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{Json, MaybeSigned, OnceKey};

use crate::{
    Identity,
    actions::{
        passwords::{self, ResetRequest},
        sign_in::Origin,
    },
    api::visitor,
};

/// Who wants a new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetBody {
    email: String,
    /// Short name of the university, where the host name does not tell it.
    #[serde(default)]
    university: Option<String>,
}

/// Ask for a link to choose a new password. The answer is the same whether there is such a person or not.
#[utoipa::path(post, path = "/api/v1/password-resets", tag = "session", request_body = ResetBody,
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn request_password_reset(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    OnceKey(once): OnceKey,
    from: Origin,
    Json(body): Json<ResetBody>,
) -> web::Result<Response> {
    let tenant = visitor::university(&identity, &caller, body.university.as_deref())?;
    let request = ResetRequest { email: body.email, address: from.address };
    passwords::request_reset(&identity, &caller, tenant, once, request).await?;
    Ok(web::no_content())
}
