//! Show what was handed in, with its receipt.

use storage::Tx;

use super::Case;
use crate::{
    error::{Error, Result},
    model::ids::SubmissionId,
    policy,
    store::submissions::{self, Submission},
};

/// Returns a submission and its project, if the caller has a part in it.
pub async fn show_submission(tx: &mut Tx, id: SubmissionId) -> Result<(Case, Submission)> {
    let submission = submissions::find(tx, id).await?.ok_or(Error::NotFound("submission"))?;
    let case = Case::load(tx, submission.project_id, &policy::READ_PROJECT).await?;
    Ok((case, submission))
}
