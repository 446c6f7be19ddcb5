//! Take a role away.

use axum::{extract::State, response::Response};
use base::PersonId;
use contracts::ids::MembershipId;
use futures_util::FutureExt;
use web::extract::{Path, Signed};

use crate::{Identity, actions::memberships, api::forget::Forget};

/// Take a role away, from now on.
#[utoipa::path(delete, path = "/api/v1/people/{person}/memberships/{membership}", tag = "people",
    params(("person" = uuid::Uuid, Path), ("membership" = uuid::Uuid, Path)), responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn end_membership(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    Path((person, membership)): Path<(PersonId, MembershipId)>,
) -> web::Result<(Forget, Response)> {
    identity.write(&caller, None, move |tx| memberships::end_membership(tx, person, membership).boxed()).await?;
    Ok((Forget(Some(person)), web::no_content()))
}
