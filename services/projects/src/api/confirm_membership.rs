//! Confirm that one is a member of a project.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use web::extract::{OnceKey, Path, Signed};

use crate::{Projects, actions::confirm_membership, model::ids::ProjectId};

/// Confirm a membership.
#[utoipa::path(post, path = "/api/v1/projects/{project}/confirmation", tag = "projects",
    params(("project" = uuid::Uuid, Path)), responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn confirm_membership(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    OnceKey(once): OnceKey,
) -> web::Result<Response> {
    let db = &projects.db;
    db.write_once(&caller, once, move |tx| confirm_membership::confirm_membership(tx, project).boxed()).await?;
    Ok(web::no_content())
}
