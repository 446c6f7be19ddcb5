//! List the steps of a project.

use axum::extract::State;
use base::Timestamp;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use crate::{Error, Projects, actions::Case, model::ids::ProjectId, policy, store::history};

/// A step taken.
#[derive(Serialize, ToSchema)]
struct StepBody {
    position: i64,
    action: &'static str,
    from: &'static str,
    to: &'static str,
    /// Who took it; blank when the installation did.
    by: String,
    reason: String,
    #[schema(value_type = String)]
    at: Timestamp,
}

/// List the steps of a project, the first first.
#[utoipa::path(get, path = "/api/v1/projects/{project}/history", tag = "projects",
    params(("project" = uuid::Uuid, Path)), responses((status = 200, body = web::List<StepBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_history(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let read = projects.db.read(&caller, |tx| {
        async move {
            Case::load(tx, project, &policy::READ_PROJECT).await?;
            Ok::<_, Error>(history::list(tx, project).await?)
        }
        .boxed()
    });
    Ok(Json(web::List::<StepBody>::whole(read.await?)))
}

impl From<history::Entry> for StepBody {
    fn from(entry: history::Entry) -> Self {
        Self {
            position: entry.position,
            action: entry.action.word(),
            from: entry.from.word(),
            to: entry.to.word(),
            by: entry.actor_name,
            reason: entry.reason,
            at: entry.at,
        }
    }
}
