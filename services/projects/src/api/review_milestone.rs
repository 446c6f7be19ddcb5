//! Approve, return or waive a milestone.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::{choices, limits};
use crate::{
    Projects,
    actions::review_milestone::{self, ReviewMilestone},
    model::{ids::MilestoneId, milestone::Action},
};

/// What becomes of a milestone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Review {
    #[schema(schema_with = choices::milestone_reviews)]
    action: Action,
    #[serde(default)]
    #[schema(schema_with = limits::feedback)]
    feedback: String,
}

/// A milestone's state now.
#[derive(Serialize, ToSchema)]
struct MilestoneState {
    state: &'static str,
    version: i64,
}

/// Review a milestone.
#[utoipa::path(post, path = "/api/v1/milestones/{milestone}/reviews", tag = "milestones",
    params(("milestone" = uuid::Uuid, Path), IfMatch), request_body = Review, responses((status = 200, body = MilestoneState, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn review_milestone(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(milestone): Path<MilestoneId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
    Json(review): Json<Review>,
) -> web::Result<impl IntoResponse> {
    let command = ReviewMilestone { milestone, version, action: review.action, feedback: review.feedback };
    let write = projects.db.write_once(&caller, once, |tx| review_milestone::review_milestone(tx, command).boxed());
    let moved = write.await?;
    Ok((web::ETag(moved.version), Json(MilestoneState { state: moved.state.word(), version: moved.version })))
}
