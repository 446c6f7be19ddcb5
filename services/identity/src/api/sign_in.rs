//! Sign in.

use axum::{extract::State, response::Response};
use crypto::Secret;
use http::header::SET_COOKIE;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::extract::{Json, MaybeSigned, OnceKey};

use base::Id;

use crate::{
    Identity,
    actions::sign_in::{self, Origin, SignIn},
    api::cookie,
    api::visitor,
};

/// Who signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
    /// Short name of the university, where the host name does not tell it.
    #[serde(default)]
    university: Option<String>,
}

/// A session that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Opened {
    person: Uuid,
    session: Uuid,
}

/// Sign in with e-mail and password. The session is in the cookie of the answer.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignInBody,
    responses((status = 201, body = Opened), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign_in(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    OnceKey(once): OnceKey,
    from: Origin,
    Json(body): Json<SignInBody>,
) -> web::Result<Response> {
    let tenant = visitor::university(&identity, &caller, body.university.as_deref())?;
    let replaces = visitor::session(&caller);
    let command = SignIn { email: body.email, password: body.password, from, replaces };
    let signed_in = sign_in::sign_in(&identity, &caller, tenant, once, command).await?;
    let opened = Opened { person: signed_in.person.uuid(), session: signed_in.session.uuid() };
    let mut response = web::created("/api/v1/session", opened);
    if let Some(line) = cookie::set(identity.settings(), &signed_in.credential) {
        response.headers_mut().append(SET_COOKIE, line);
    }
    Ok(response)
}
