//! Hand in a file for a milestone.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::shapes::ReceiptBody;
use crate::{
    Projects,
    actions::submit_milestone::{self, SubmitMilestone},
    model::ids::MilestoneId,
};

/// What to hand in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandIn {
    /// The ticket that the upload answered with.
    ticket: String,
}

/// Hand in a file for a milestone.
#[utoipa::path(post, path = "/api/v1/milestones/{milestone}/submissions", tag = "milestones",
    params(("milestone" = uuid::Uuid, Path), IfMatch), request_body = HandIn, responses((status = 201, body = ReceiptBody), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn submit_milestone(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(milestone): Path<MilestoneId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
    Json(hand_in): Json<HandIn>,
) -> web::Result<Response> {
    let ticket = projects.keys.open(&hand_in.ticket, &caller, projects.db.ambient().now())?;
    let command = SubmitMilestone { milestone, version, ticket };
    let submit = projects.db.write_once(&caller, once, |tx| submit_milestone::submit_milestone(tx, command).boxed());
    let receipt = ReceiptBody::from(submit.await?);
    Ok(web::created(&format!("/api/v1/submissions/{}", receipt.submission), receipt))
}
