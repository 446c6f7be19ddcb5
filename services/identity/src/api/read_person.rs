//! Read a person.

use axum::extract::State;
use base::PersonId;
use futures_util::FutureExt;
use web::{
    ETag,
    extract::{Json, Path, Signed},
};

use crate::{Identity, actions::people, api::PersonView};

/// Read a person.
#[utoipa::path(get, path = "/api/v1/people/{person}", tag = "people", params(("person" = uuid::Uuid, Path)),
    responses((status = 200, body = PersonView, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_person(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    Path(person): Path<PersonId>,
) -> web::Result<(ETag, Json<PersonView>)> {
    let details = identity.read(&caller, |tx| people::read_person(tx, person).boxed()).await?;
    let version = details.person.version;
    Ok((ETag(version), Json(PersonView::new(details.person, Some(details.numbers)))))
}
