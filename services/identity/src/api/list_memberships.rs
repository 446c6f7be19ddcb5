//! List a person's roles.

use axum::extract::State;
use base::PersonId;
use futures_util::FutureExt;
use web::extract::{Json, Path, Signed};

use crate::{Identity, actions::memberships, api::MembershipView};

/// List a person's roles, ended ones too.
#[utoipa::path(get, path = "/api/v1/people/{person}/memberships", tag = "people", params(("person" = uuid::Uuid, Path)),
    responses((status = 200, body = web::List<MembershipView>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_memberships(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    Path(person): Path<PersonId>,
) -> web::Result<Json<web::List<MembershipView>>> {
    let memberships = identity.read(&caller, |tx| memberships::list_memberships(tx, person).boxed()).await?;
    Ok(Json(web::List::whole(memberships)))
}
