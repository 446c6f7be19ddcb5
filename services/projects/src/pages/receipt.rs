//! The receipt of what was handed in; made to be printed.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use web::{
    Ctx,
    extract::{Path, Signed},
};

use super::title;
use crate::{
    Projects,
    actions::{Case, show_submission::show_submission},
    model::ids::SubmissionId,
    store::submissions::Submission,
};

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    ctx: Ctx,
    case: Case,
    project_title: String,
    submission: Submission,
    sha256: String,
    declarations: Vec<String>,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(submission): Path<SubmissionId>,
    ctx: Ctx,
) -> web::Result<Response> {
    let (case, submission) = projects.db.read(&caller, |tx| show_submission(tx, submission).boxed()).await?;
    let project_title = title(&ctx, &case.project.title_en, &case.project.title_local);
    let href = format!("/projects/{}", case.project.id);
    let ctx =
        ctx.title("projects-receipt").crumb("projects-projects-title", "/projects").crumb_text(&project_title, href);
    let declarations: Vec<String> = serde_json::from_str(&submission.declarations).unwrap_or_default();
    web::html(&ReceiptPage {
        sha256: crypto::digest::hex(&submission.sha256),
        declarations: declarations.iter().map(|name| ctx.tv("projects-declaration", name)).collect(),
        case,
        project_title,
        submission,
        ctx,
    })
}
