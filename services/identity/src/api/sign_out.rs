//! Sign out.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use http::header::SET_COOKIE;
use serde::Deserialize;
use utoipa::IntoParams;
use web::extract::{MaybeSigned, Query};

use crate::{Identity, actions::sessions, api::cookie, api::forget::Forget};

/// How far to sign out.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Extent {
    /// Whether to end every session of the person; else the one in use.
    everywhere: Option<bool>,
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", params(Extent),
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign_out(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    Query(extent): Query<Extent>,
) -> web::Result<(Forget, Response)> {
    if extent.everywhere.unwrap_or_default() {
        identity.write(&caller, None, |tx| sessions::sign_out_everywhere(tx).boxed()).await?;
    } else if caller.as_person().is_some() {
        identity.write(&caller, None, |tx| sessions::sign_out(tx).boxed()).await?;
    }
    let mut response = web::no_content();
    if let Some(line) = cookie::clear(identity.settings()) {
        response.headers_mut().append(SET_COOKIE, line);
    }
    Ok((Forget(caller.person_id()), response))
}
