//! Rename a milestone template.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{BasedOn, Json, Path, Signed};

use super::{limits, shapes::Version};
use crate::{
    Projects,
    actions::rename_template::{self, RenameTemplate},
    model::ids::TemplateId,
};

/// What a template is to be called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenamedTemplate {
    #[schema(schema_with = limits::title)]
    name: String,
}

/// Rename a milestone template; needs `If-Match`.
///
/// Its milestones stay, because projects are planned by them when they start.
#[utoipa::path(put, path = "/api/v1/templates/{template}", tag = "cycles", params(("template" = uuid::Uuid, Path), BasedOn),
    request_body = RenamedTemplate, responses((status = 200, body = Version, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn rename_template(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(template): Path<TemplateId>,
    BasedOn(version): BasedOn,
    Json(RenamedTemplate { name }): Json<RenamedTemplate>,
) -> web::Result<impl IntoResponse> {
    let command = RenameTemplate { template, version, name };
    let version = projects.db.write(&caller, |tx| rename_template::rename_template(tx, command).boxed()).await?;
    Ok((web::ETag(version), Json(Version { version })))
}
