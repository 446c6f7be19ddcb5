//! Approve a proposal.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::shapes::MovedBody;
use crate::{
    Projects,
    actions::approve::{self, Approve},
    model::ids::ProjectId,
};

/// Approve a proposal.
#[utoipa::path(post, path = "/api/v1/projects/{project}/approval", tag = "proposals",
    params(("project" = uuid::Uuid, Path), IfMatch), responses((status = 200, body = MovedBody, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn approve(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
) -> web::Result<impl IntoResponse> {
    let command = Approve { project, version };
    let moved = projects.db.write_once(&caller, once, |tx| approve::approve(tx, command).boxed()).await?;
    Ok((web::ETag(moved.version), Json(MovedBody::from(moved))))
}
