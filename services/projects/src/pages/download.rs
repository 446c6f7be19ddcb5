//! Fetch the file of a submission.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use web::{
    Ctx,
    extract::{Path, Signed},
};

use crate::{Error, Projects, actions::show_submission::show_submission, model::ids::SubmissionId};

pub(crate) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(submission): Path<SubmissionId>,
    ctx: Ctx,
) -> web::Result<Response> {
    let (_, submission) = projects.db.read(&caller, |tx| show_submission(tx, submission).boxed()).await?;
    let person = caller.person_id().ok_or(Error::NotFound("submission"))?;
    Ok(ctx.redirect(&projects.keys.download(submission.file_id, person, ctx.now())?))
}
