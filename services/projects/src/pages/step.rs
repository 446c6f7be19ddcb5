//! Take a step of a project that may need a reason: a page that asks, shown as a dialog where scripts run.

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
    Error, Projects,
    actions::{
        show_project::show_project,
        take_step::{TakeStep, take_step},
    },
    model::{facts::Guard, ids::ProjectId, life::Action, life::TABLE},
};

#[derive(Template)]
#[template(path = "step.html")]
struct StepPage {
    ctx: Ctx,
    form: Fields,
    project: ProjectId,
    action: &'static str,
    label: String,
    needs_reason: bool,
    may_take: bool,
    version: i64,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    version: i64,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path((project, action)): Path<(ProjectId, String)>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, project, named(&action)?, Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path((project, action)): Path<(ProjectId, String)>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let action = named(&action)?;
    let outcome = match form.input {
        Ok(Input { version, reason }) => {
            let command = TakeStep { project, version: Some(version), action, reason };
            let take = projects.db.write_once(&caller, once, |tx| take_step(tx, command).boxed());
            take.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(moved) => Ok(ctx.redirect_toast(&format!("/projects/{}", moved.project), "projects-saved")),
        Err(failure) => page(&projects, ctx, project, action, form.fields.refused(failure)?).await,
    }
}

fn named(action: &str) -> web::Result<Action> {
    action.parse().map_err(|_| Error::NotFound("step").into())
}

async fn page(
    projects: &Projects,
    ctx: Ctx,
    project: ProjectId,
    action: Action,
    form: Fields,
) -> web::Result<Response> {
    let view = projects.db.read(ctx.caller(), |tx| show_project(tx, project).boxed()).await?;
    // A refused form stays: what was typed is not lost.
    let may_take = form.is_refused() || view.legal.contains(&action);
    let case = view.case;
    let row = TABLE.iter().find(|row| row.from == case.project.state && row.action == action);
    let needs_reason = action == Action::Revert || row.is_some_and(|row| row.guards.contains(&Guard::ReasonGiven));
    let name = title(&ctx, &case.project.title_en, &case.project.title_local);
    let label = ctx.tv("projects-action", action.word());
    let ctx = ctx
        .title_text(&label)
        .crumb("projects-projects-title", "/projects")
        .crumb_text(name, format!("/projects/{project}"));
    let version = case.project.version;
    let page = StepPage { action: action.word(), label, needs_reason, may_take, version, project, form, ctx };
    web::html_with(page.form.status(), &page)
}
