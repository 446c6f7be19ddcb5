//! Show a milestone.

use axum::{extract::State, response::IntoResponse};
use base::Timestamp;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use super::shapes::{MilestoneBody, SubmissionBody};
use crate::{
    Projects,
    actions::show_milestone,
    model::ids::{MilestoneId, ProjectId},
    store::milestone_history::MilestoneStep,
};

/// A milestone with what was handed in for it.
#[derive(Serialize, ToSchema)]
struct WholeMilestone {
    #[serde(flatten)]
    milestone: MilestoneBody,
    #[schema(value_type = uuid::Uuid)]
    project: ProjectId,
    submissions: Vec<SubmissionBody>,
    /// Steps that the caller can take now.
    legal: Vec<&'static str>,
    /// Steps that were taken, the first first.
    history: Vec<MilestoneStepBody>,
}

/// A step of a milestone, taken.
#[derive(Serialize, ToSchema)]
struct MilestoneStepBody {
    action: &'static str,
    from: &'static str,
    to: &'static str,
    /// Who took it; blank when the installation did.
    by: String,
    reason: String,
    #[schema(value_type = String)]
    at: Timestamp,
}

/// Show a milestone.
#[utoipa::path(get, path = "/api/v1/milestones/{milestone}", tag = "milestones",
    params(("milestone" = uuid::Uuid, Path)), responses((status = 200, body = WholeMilestone, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn show_milestone(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(milestone): Path<MilestoneId>,
) -> web::Result<impl IntoResponse> {
    let view = projects.db.read(&caller, |tx| show_milestone::show_milestone(tx, milestone).boxed()).await?;
    let body = WholeMilestone {
        milestone: view.milestone.into(),
        project: view.case.project.id,
        submissions: view.submissions.into_iter().map(SubmissionBody::from).collect(),
        history: view.history.into_iter().map(MilestoneStepBody::from).collect(),
        legal: view.legal.iter().map(|action| action.word()).collect(),
    };
    Ok((web::ETag(body.milestone.version), Json(body)))
}

impl From<MilestoneStep> for MilestoneStepBody {
    fn from(step: MilestoneStep) -> Self {
        let MilestoneStep { action, from, to, actor_name: by, reason, at, .. } = step;
        Self { action: action.word(), from: from.word(), to: to.word(), by, reason, at }
    }
}
