//! List the steps of a project and of its milestones.

use axum::extract::State;
use base::Timestamp;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use super::shapes::ChangeBody;
use crate::{
    Projects,
    actions::list_history::{self, Happening},
    model::{
        ids::{MilestoneId, ProjectId},
        proposal::ChangeRequest,
    },
    store::{history::Entry, milestone_history::MilestoneStep},
};

/// A step taken.
#[derive(Serialize, ToSchema)]
struct StepBody {
    /// Its number among the steps of the project, or of the milestone.
    position: i64,
    action: &'static str,
    from: &'static str,
    to: &'static str,
    /// Who took it; blank when the installation did.
    by: String,
    reason: String,
    #[schema(value_type = String)]
    at: Timestamp,
    /// The milestone that took it; absent when the project did.
    milestone: Option<StepMilestone>,
    /// What was asked to change in it, with what was answered since.
    changes: Vec<ChangeBody>,
}

/// The milestone that took a step.
#[derive(Serialize, ToSchema)]
struct StepMilestone {
    #[schema(value_type = uuid::Uuid)]
    id: MilestoneId,
    title_en: String,
    title_local: String,
}

/// List the steps of a project and of its milestones, the first first.
#[utoipa::path(get, path = "/api/v1/projects/{project}/history", tag = "projects",
    params(("project" = uuid::Uuid, Path)), responses((status = 200, body = web::List<StepBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_history(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let happenings = projects.db.read(&caller, |tx| list_history::list_history(tx, project).boxed()).await?;
    Ok(Json(web::List::<StepBody>::whole(happenings)))
}

impl From<Happening> for StepBody {
    fn from(happening: Happening) -> Self {
        match happening {
            Happening::Project(entry, changes) => Self::of_project(entry, changes),
            Happening::Milestone(step) => Self::of_milestone(step),
        }
    }
}

impl StepBody {
    fn of_project(entry: Entry, changes: Vec<ChangeRequest>) -> Self {
        Self {
            position: entry.position,
            action: entry.action.word(),
            from: entry.from.word(),
            to: entry.to.word(),
            by: entry.actor_name,
            reason: entry.reason,
            at: entry.at,
            milestone: None,
            changes: changes.into_iter().map(ChangeBody::from).collect(),
        }
    }

    fn of_milestone(step: MilestoneStep) -> Self {
        let MilestoneStep { milestone_id: id, title_en, title_local, .. } = step;
        Self {
            position: step.position,
            action: step.action.word(),
            from: step.from.word(),
            to: step.to.word(),
            by: step.actor_name,
            reason: step.reason,
            at: step.at,
            milestone: Some(StepMilestone { id, title_en, title_local }),
            changes: Vec::new(),
        }
    }
}
