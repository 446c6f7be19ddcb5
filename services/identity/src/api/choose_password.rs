//! Choose a password by a link.

use axum::{extract::State, response::Response};
use crypto::Secret;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{Json, MaybeSigned, OnceKey};

use super::limits;
use crate::{
    Identity,
    actions::passwords::{self, Choice},
    api::forget::Forget,
    model::link::Purpose,
};

/// A password, and the link's token that allows to choose it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoiceBody {
    /// What follows `token=` in the link of the mail.
    #[schema(value_type = String, format = Password)]
    token: Secret,
    #[schema(schema_with = limits::new_password)]
    password: Secret,
}

/// Choose a new password by the link of a mail. Every session of the person ends.
#[utoipa::path(post, path = "/api/v1/password-resets/chosen", tag = "session", request_body = ChoiceBody,
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn choose_password(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    OnceKey(once): OnceKey,
    Json(body): Json<ChoiceBody>,
) -> web::Result<(Forget, Response)> {
    let choice = Choice { token: body.token, purpose: Purpose::PasswordReset, password: body.password };
    let person = passwords::choose_password(&identity, &caller, once, choice).await?;
    Ok((Forget(Some(person)), web::no_content()))
}
