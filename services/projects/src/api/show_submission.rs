//! Show what was handed in, with its receipt.

use axum::extract::State;
use futures_util::FutureExt;
use serde::Serialize;
use web::extract::{Json, Path, Signed};

use super::shapes::SubmissionBody;
use crate::{Projects, actions::show_submission, model::ids::SubmissionId};

/// Show a submission.
#[utoipa::path(get, path = "/api/v1/submissions/{submission}", tag = "submissions",
    params(("submission" = uuid::Uuid, Path)), responses((status = 200, body = SubmissionBody), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn show_submission(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(submission): Path<SubmissionId>,
) -> web::Result<Json<impl Serialize>> {
    let read = projects.db.read(&caller, |tx| show_submission::show_submission(tx, submission).boxed());
    let (_, submission) = read.await?;
    Ok(Json(SubmissionBody::from(submission)))
}
