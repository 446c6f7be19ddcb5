//! Hand in the final work, with its declarations.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields,
    extract::{Form, OnceKey, Path, Query, Signed},
};

use super::{
    title,
    upload::{Upload, Wanted},
};
use crate::{
    Projects,
    actions::{
        show_project::{ProjectView, show_project},
        submit_final::{SubmitFinal, submit_final},
    },
    model::{ids::ProjectId, life::Action, submission},
};

#[derive(Template)]
#[template(path = "final_submission.html")]
struct FinalPage {
    ctx: Ctx,
    form: Fields,
    view: ProjectView,
    may_submit: bool,
    missing: Vec<String>,
    upload: Upload,
    declarations: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    ticket: String,
    version: i64,
    #[serde(default)]
    declarations: Vec<String>,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(project): Path<ProjectId>,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, project, wanted, Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let Input { ticket: text, version, declarations } = form.input.map_err(Failure::fields)?;
    let ticket = projects.keys.open(&text, &caller, ctx.now())?;
    let command = SubmitFinal { project, version: Some(version), ticket, declarations };
    let outcome = projects.db.write_once(&caller, once, |tx| submit_final(tx, command).boxed()).await;
    match outcome.map_err(Failure::from) {
        Ok(receipt) => Ok(ctx.redirect_toast(&format!("/receipts/{}", receipt.submission), "projects-handed-in")),
        Err(failure) => page(&projects, ctx, project, Wanted::again(text), form.fields.refused(failure)?).await,
    }
}

async fn page(
    projects: &Projects,
    ctx: Ctx,
    project: ProjectId,
    wanted: Wanted,
    form: Fields,
) -> web::Result<Response> {
    let upload = wanted.upload(projects, &ctx, &format!("/projects/{project}/final"), submission::ACCEPTS)?;
    let status = if form.is_refused() { form.status() } else { upload.form.status() };
    let view = projects.db.read(ctx.caller(), |tx| show_project(tx, project).boxed()).await?;
    let name = title(&ctx, &view.case.project.title_en, &view.case.project.title_local);
    let ctx = ctx
        .title("projects-final-title")
        .crumb("projects-projects-title", "/projects")
        .crumb_text(name, format!("/projects/{project}"));
    let choice = view.options.iter().find(|choice| choice.action == Action::SubmitFinal);
    let missing = choice.map(|choice| choice.missing.as_slice()).unwrap_or_default();
    let declaration = |name: &String| Choice::new(name, ctx.tv("projects-declaration", name));
    let page = FinalPage {
        may_submit: view.legal.contains(&Action::SubmitFinal),
        missing: missing.iter().map(|guard| ctx.tv("projects-guard", guard.word())).collect(),
        declarations: view.case.cycle.policy.declarations.iter().map(declaration).collect(),
        upload,
        view,
        form,
        ctx,
    };
    web::html_with(status, &page)
}
