//! Take a step of a project that needs nothing but a reason.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::{choices, limits, shapes::MovedBody};
use crate::{
    Projects,
    actions::take_step::{self, TakeStep},
    model::{ids::ProjectId, life::Action},
};

/// What to do with a project.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectStep {
    #[schema(schema_with = choices::project_steps)]
    action: Action,
    #[serde(default)]
    #[schema(schema_with = limits::reason)]
    reason: String,
}

/// Take a step.
#[utoipa::path(post, path = "/api/v1/projects/{project}/steps", tag = "projects",
    params(("project" = uuid::Uuid, Path), IfMatch), request_body = ProjectStep,
    responses((status = 200, body = MovedBody, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn take_step(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
    Json(step): Json<ProjectStep>,
) -> web::Result<impl IntoResponse> {
    let command = TakeStep { project, version, action: step.action, reason: step.reason };
    let moved = projects.db.write_once(&caller, once, |tx| take_step::take_step(tx, command).boxed()).await?;
    Ok((web::ETag(moved.version), Json(MovedBody::from(moved))))
}
