//! Change a person.

use axum::extract::State;
use base::PersonId;
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{
    ETag,
    extract::{BasedOn, Json, Path, Signed},
};

use super::limits;
use crate::{
    Identity,
    actions::people::{self, PersonChange},
    api::PersonView,
    api::forget::Forget,
};

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonChangeBody {
    #[serde(default)]
    #[schema(schema_with = limits::changed_name)]
    name: Option<String>,
    #[serde(default)]
    #[schema(schema_with = limits::changed_name)]
    family_name: Option<String>,
    #[serde(default)]
    #[schema(schema_with = limits::changed_name)]
    given_name: Option<String>,
    #[serde(default)]
    #[schema(schema_with = limits::changed_email)]
    email: Option<String>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    #[schema(schema_with = limits::changed_numbers)]
    numbers: Option<Vec<String>>,
    /// Whether the person may sign in.
    #[serde(default)]
    enabled: Option<bool>,
}

impl From<PersonChangeBody> for PersonChange {
    fn from(body: PersonChangeBody) -> Self {
        let PersonChangeBody { name, family_name, given_name, email, language, numbers, enabled } = body;
        Self { name, family_name, given_name, email, language, numbers, enabled }
    }
}

/// Change a person. The version last read goes into `If-Match`.
#[utoipa::path(patch, path = "/api/v1/people/{person}", tag = "people", params(("person" = uuid::Uuid, Path), BasedOn),
    request_body = PersonChangeBody, responses((status = 200, body = PersonView, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_person(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    Path(person): Path<PersonId>,
    BasedOn(version): BasedOn,
    Json(body): Json<PersonChangeBody>,
) -> web::Result<(Forget, ETag, Json<PersonView>)> {
    let change = PersonChange::from(body);
    identity.write(&caller, None, move |tx| people::change_person(tx, person, Some(version), change).boxed()).await?;
    let details = identity.read(&caller, |tx| people::read_person(tx, person).boxed()).await?;
    let version = details.person.version;
    Ok((Forget(Some(person)), ETag(version), Json(PersonView::new(details.person, Some(details.numbers)))))
}
