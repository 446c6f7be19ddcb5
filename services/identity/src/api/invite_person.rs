//! Invite a person.

use axum::{extract::State, response::Response};
use base::PersonId;
use futures_util::FutureExt;
use web::extract::{OnceKey, Path, Signed};

use crate::{Identity, actions::people};

/// Send a person an invitation by mail; it ends those sent before.
#[utoipa::path(post, path = "/api/v1/people/{person}/invitations", tag = "people", params(("person" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn invite_person(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Path(person): Path<PersonId>,
) -> web::Result<Response> {
    let links = identity.links();
    identity.write(&caller, once, move |tx| people::invite_person(tx, links, person).boxed()).await?;
    Ok(web::no_content())
}
