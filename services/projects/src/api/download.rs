//! Fetch the file of a submission.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect},
};
use futures_util::FutureExt;
use web::extract::{Path, Signed};

use crate::{Error, Projects, actions::show_submission::show_submission, model::ids::SubmissionId};

/// Fetch a submission's file: answers with an address that is good for a minute.
#[utoipa::path(get, path = "/api/v1/submissions/{submission}/file", tag = "submissions",
    params(("submission" = uuid::Uuid, Path)), responses((status = 303), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn download(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(submission): Path<SubmissionId>,
) -> web::Result<impl IntoResponse> {
    let (_, submission) = projects.db.read(&caller, |tx| show_submission(tx, submission).boxed()).await?;
    let person = caller.person_id().ok_or(Error::NotFound("submission"))?;
    let address = projects.keys.download(submission.file_id, person, projects.db.ambient().now())?;
    Ok(Redirect::to(&address))
}
