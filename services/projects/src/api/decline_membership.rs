//! Decline to be a member of a project.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use web::extract::{OnceKey, Path, Signed};

use crate::{Projects, actions::decline_membership, model::ids::ProjectId};

/// Decline a membership that one never confirmed.
#[utoipa::path(delete, path = "/api/v1/projects/{project}/membership", tag = "projects",
    params(("project" = uuid::Uuid, Path)), responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn decline_membership(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    OnceKey(once): OnceKey,
) -> web::Result<Response> {
    let db = &projects.db;
    db.write_once(&caller, once, move |tx| decline_membership::decline_membership(tx, project).boxed()).await?;
    Ok(web::no_content())
}
