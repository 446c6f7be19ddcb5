//! Answer the changes asked for and submit the next version of a proposal; or submit the first one of a further attempt.

use askama::Template;
use axum::{extract::State, response::Response};
use base::FieldError;
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
        resubmit::{Resubmit, resubmit},
        show_project::{ProjectView, show_project},
        submit_proposal::{SubmitProposal, submit_proposal},
    },
    model::{
        ids::ProjectId,
        life::{Action, State as Life},
        proposal::{Answer, ChangeRequest},
    },
};

#[derive(Template)]
#[template(path = "resubmit.html")]
struct ResubmitPage {
    ctx: Ctx,
    form: Fields,
    project: ProjectId,
    version: i64,
    changes: Vec<ChangeRequest>,
    summary_chars_min: u32,
    may_submit: bool,
    missing: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    version: i64,
    title_en: String,
    #[serde(default)]
    title_local: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    methods: String,
    /// Positions of the changes ticked.
    #[serde(default)]
    done: Vec<u32>,
    /// Positions of all changes; what is said to the one at 3 comes as `answer-3`.
    #[serde(default)]
    position: Vec<u32>,
    /// True when there were changes to answer.
    #[serde(default)]
    again: bool,
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
    let db = &projects.db;
    let outcome = match form.input {
        Ok(input) if input.again => {
            let command = input.into_resubmit(project, &form.fields);
            let submit = db.write_once(&caller, once, |tx| resubmit(tx, command).boxed());
            submit.await.map_err(in_the_page)
        }
        Ok(input) => {
            let Input { version, title_en, title_local, summary, methods, .. } = input;
            let version = Some(version);
            let command = SubmitProposal { project, version, title_en, title_local, summary, methods };
            db.write_once(&caller, once, |tx| submit_proposal(tx, command).boxed()).await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/projects/{project}"), "projects-proposal-submitted")),
        Err(failure) => page(&projects, ctx, project, form.fields.refused(failure)?).await,
    }
}

impl Input {
    fn into_resubmit(self, project: ProjectId, fields: &Fields) -> Resubmit {
        let Self { version, title_en, title_local, summary, methods, done, position, .. } = self;
        let answers = position.into_iter().map(|position| Answer {
            position,
            done: done.contains(&position),
            answer: fields.value(&format!("answer-{position}")).to_owned(),
        });
        let answers = answers.collect();
        Resubmit { project, version: Some(version), answers, title_en, title_local, summary, methods }
    }
}

/// Returns the refusal with the answers under the names that the page has for them.
fn in_the_page(error: Error) -> Failure {
    let Error::Invalid(fields) = error else { return error.into() };
    let renamed = |fault: FieldError| match fault.field.strip_prefix("answers.") {
        Some(position) => FieldError::new(format!("answer-{position}"), fault.reason),
        None => fault,
    };
    Error::Invalid(fields.into_iter().map(renamed).collect()).into()
}

async fn page(projects: &Projects, ctx: Ctx, project: ProjectId, form: Fields) -> web::Result<Response> {
    let view = projects.db.read(ctx.caller(), |tx| show_project(tx, project).boxed()).await?;
    let form = if form.untouched() { prefilled(form, &view) } else { form };
    let name = title(&ctx, &view.case.project.title_en, &view.case.project.title_local);
    let again = view.case.project.state == Life::ChangesRequested;
    let step = if again { Action::Resubmit } else { Action::Submit };
    // A refused form stays: what was typed is not lost because a clock struck meanwhile.
    let may_submit = form.is_refused() || view.legal.contains(&step);
    let choice = view.options.iter().find(|choice| choice.action == step);
    let missing = choice.map(|choice| choice.missing.as_slice()).unwrap_or_default();
    let key = if again { "projects-resubmit-title" } else { "projects-submit-title" };
    let ctx =
        ctx.title(key).crumb("projects-projects-title", "/projects").crumb_text(name, format!("/projects/{project}"));
    let newest = view.case.project.proposal_version;
    let page = ResubmitPage {
        version: view.case.project.version,
        changes: if again { view.changes_in(newest).cloned().collect() } else { Vec::new() },
        missing: missing.iter().map(|guard| ctx.tv("projects-guard", guard.word())).collect(),
        may_submit,
        summary_chars_min: view.case.cycle.policy.summary_chars_min,
        project,
        form,
        ctx,
    };
    web::html_with(page.form.status(), &page)
}

fn prefilled(form: Fields, view: &ProjectView) -> Fields {
    let project = &view.case.project;
    let form = form.with("title_en", &project.title_en).with("title_local", &project.title_local);
    match view.proposals.first() {
        Some(last) => form.with("summary", &last.summary).with("methods", &last.methods),
        None => form,
    }
}
