//! Hand in the final work.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::shapes::ReceiptBody;
use crate::{
    Projects,
    actions::submit_final::{self, SubmitFinal},
    model::ids::ProjectId,
};

/// What to hand in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinalWork {
    /// The ticket that the upload answered with.
    ticket: String,
    /// Names of the declarations made; the cycle's policy says which are asked for.
    declarations: Vec<String>,
}

/// Hand in the final work.
#[utoipa::path(post, path = "/api/v1/projects/{project}/final", tag = "submissions",
    params(("project" = uuid::Uuid, Path), IfMatch), request_body = FinalWork, responses((status = 201, body = ReceiptBody), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn submit_final(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
    Json(work): Json<FinalWork>,
) -> web::Result<Response> {
    let ticket = projects.keys.open(&work.ticket, &caller, projects.db.ambient().now())?;
    let command = SubmitFinal { project, version, ticket, declarations: work.declarations };
    let submit = projects.db.write_once(&caller, once, |tx| submit_final::submit_final(tx, command).boxed());
    let receipt = ReceiptBody::from(submit.await?);
    Ok(web::created(&format!("/api/v1/submissions/{}", receipt.submission), receipt))
}
