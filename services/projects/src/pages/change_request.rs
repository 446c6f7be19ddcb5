//! Ask for changes to a proposal, one a line.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Ctx, Failure, Fields,
    extract::{Form, OnceKey, Path, Signed},
};

use super::title;
use crate::{
    Projects,
    actions::{
        request_changes::{RequestChanges, request_changes},
        show_project::show_project,
    },
    model::{ids::ProjectId, life::Action},
};

#[derive(Template)]
#[template(path = "change_request.html")]
struct ChangeRequestPage {
    ctx: Ctx,
    form: Fields,
    project: ProjectId,
    summary: String,
    version: i64,
    may_ask: bool,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    version: i64,
    /// One change a line.
    #[serde(default)]
    requests: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(project): Path<ProjectId>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, project, Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let outcome = match form.input {
        Ok(Input { version, requests }) => {
            let requests = requests.lines().map(ToOwned::to_owned).collect();
            let command = RequestChanges { project, version: Some(version), requests };
            let ask = projects.db.write_once(&caller, once, |tx| request_changes(tx, command).boxed());
            ask.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/projects/{project}"), "projects-changes-sent")),
        Err(failure) => page(&projects, ctx, project, form.fields.refused(failure)?).await,
    }
}

async fn page(projects: &Projects, ctx: Ctx, project: ProjectId, form: Fields) -> web::Result<Response> {
    let view = projects.db.read(ctx.caller(), |tx| show_project(tx, project).boxed()).await?;
    let name = title(&ctx, &view.case.project.title_en, &view.case.project.title_local);
    let ctx = ctx
        .title("projects-changes-title")
        .crumb("projects-projects-title", "/projects")
        .crumb_text(name, format!("/projects/{project}"));
    let summary = view.proposals.first().map(|one| one.summary.clone()).unwrap_or_default();
    // A refused form stays: what was typed is not lost.
    let may_ask = form.is_refused() || view.legal.contains(&Action::RequestChanges);
    let page = ChangeRequestPage { may_ask, version: view.case.project.version, project, summary, form, ctx };
    web::html_with(page.form.status(), &page)
}
