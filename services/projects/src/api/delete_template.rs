//! Delete a milestone template.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use web::extract::{IfMatch, OnceKey, Path, Signed};

use crate::{
    Projects,
    actions::delete_template::{self, DeleteTemplate},
    model::ids::TemplateId,
};

/// Delete a milestone template that no cycle is planned by.
#[utoipa::path(delete, path = "/api/v1/templates/{template}", tag = "cycles", params(("template" = uuid::Uuid, Path), IfMatch),
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_template(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(template): Path<TemplateId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
) -> web::Result<Response> {
    let command = DeleteTemplate { template, version };
    projects.db.write_once(&caller, once, |tx| delete_template::delete_template(tx, command).boxed()).await?;
    Ok(web::no_content())
}
