//! List what was handed in for a project.

use axum::extract::State;
use futures_util::FutureExt;
use serde::Serialize;
use web::extract::{Json, Path, Signed};

use super::shapes::SubmissionBody;
use crate::{Error, Projects, actions::Case, model::ids::ProjectId, policy, store::submissions};

/// List what was handed in for a project, the first first.
#[utoipa::path(get, path = "/api/v1/projects/{project}/submissions", tag = "submissions",
    params(("project" = uuid::Uuid, Path)), responses((status = 200, body = web::List<SubmissionBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_submissions(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let read = projects.db.read(&caller, |tx| {
        async move {
            Case::load(tx, project, &policy::READ_PROJECT).await?;
            Ok::<_, Error>(submissions::of_project(tx, project).await?)
        }
        .boxed()
    });
    Ok(Json(web::List::<SubmissionBody>::whole(read.await?)))
}
