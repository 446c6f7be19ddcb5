//! List milestone templates.

use axum::extract::State;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Signed};

use crate::{Error, Projects, model::ids::TemplateId, store::templates};

/// A set of milestones that a cycle can be planned by.
#[derive(Serialize, ToSchema)]
struct TemplateBody {
    #[schema(value_type = uuid::Uuid)]
    id: TemplateId,
    name: String,
    version: i64,
}

/// List milestone templates.
#[utoipa::path(get, path = "/api/v1/templates", tag = "cycles",
    responses((status = 200, body = web::List<TemplateBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_templates(
    State(projects): State<Projects>,
    Signed(caller): Signed,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let list = projects.db.read(&caller, |tx| templates::list(tx).boxed()).await.map_err(Error::Storage)?;
    let body = |one: templates::Template| TemplateBody { id: one.id, name: one.name, version: one.version };
    Ok(Json(web::List::<TemplateBody>::whole(list.into_iter().map(body))))
}
