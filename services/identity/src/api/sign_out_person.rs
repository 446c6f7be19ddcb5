//! End all sessions of a person.

use axum::{extract::State, response::Response};
use base::PersonId;
use futures_util::FutureExt;
use web::extract::{Path, Signed};

use crate::{Identity, actions::sessions, api::forget::Forget};

/// End all sessions of a person.
#[utoipa::path(delete, path = "/api/v1/people/{person}/sessions", tag = "people", params(("person" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign_out_person(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    Path(person): Path<PersonId>,
) -> web::Result<(Forget, Response)> {
    identity.write(&caller, None, move |tx| sessions::sign_out_person(tx, person).boxed()).await?;
    Ok((Forget(Some(person)), web::no_content()))
}
