//! One milestone: hand a file in for it, or review what was handed in.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Timestamp;
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Ctx, Failure, Fields, Moment,
    extract::{Form, OnceKey, Path, Query, Signed},
};

use super::{
    milestone_tone,
    moments::of_milestone,
    title,
    upload::{Upload, Wanted},
};
use crate::{
    Projects,
    actions::{
        review_milestone::{ReviewMilestone, review_milestone},
        show_milestone::{MilestoneView, show_milestone},
        submit_milestone::{SubmitMilestone, submit_milestone},
    },
    model::{ids::MilestoneId, milestone::Action},
};

#[derive(Template)]
#[template(path = "milestone.html")]
struct MilestonePage {
    ctx: Ctx,
    form: Fields,
    view: MilestoneView,
    state: String,
    tone: &'static str,
    /// What becomes of a milestone in this state, and through whom.
    next: String,
    may_submit: bool,
    may_review: bool,
    may_waive: bool,
    upload: Upload,
    files: Vec<FileRow>,
    moments: Vec<Moment>,
}

struct FileRow {
    href: String,
    receipt_href: String,
    name: String,
    version: u32,
    late: bool,
    by: String,
    at: Timestamp,
}

#[derive(Deserialize)]
pub(crate) struct HandIn {
    ticket: String,
}

#[derive(Deserialize)]
pub(crate) struct Review {
    action: Action,
    version: i64,
    #[serde(default)]
    feedback: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(milestone): Path<MilestoneId>,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, milestone, wanted, Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(milestone): Path<MilestoneId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<HandIn>,
) -> web::Result<Response> {
    let HandIn { ticket: text } = form.input.map_err(Failure::fields)?;
    let ticket = projects.keys.open(&text, &caller, ctx.now())?;
    let command = SubmitMilestone { milestone, version: None, ticket };
    let outcome = projects.db.write_once(&caller, once, |tx| submit_milestone(tx, command).boxed()).await;
    match outcome.map_err(Failure::from) {
        Ok(receipt) => Ok(ctx.redirect_toast(&format!("/receipts/{}", receipt.submission), "projects-handed-in")),
        Err(failure) => page(&projects, ctx, milestone, Wanted::again(text), form.fields.refused(failure)?).await,
    }
}

pub(crate) async fn review(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(milestone): Path<MilestoneId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Review>,
) -> web::Result<Response> {
    let outcome = match form.input {
        Ok(Review { action, version, feedback }) => {
            let command = ReviewMilestone { milestone, version: Some(version), action, feedback };
            let write = projects.db.write_once(&caller, once, |tx| review_milestone(tx, command).boxed());
            write.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/milestones/{milestone}"), "projects-saved")),
        Err(failure) => page(&projects, ctx, milestone, Wanted::default(), form.fields.refused(failure)?).await,
    }
}

async fn page(
    projects: &Projects,
    ctx: Ctx,
    milestone: MilestoneId,
    wanted: Wanted,
    form: Fields,
) -> web::Result<Response> {
    let view = projects.db.read(ctx.caller(), |tx| show_milestone(tx, milestone).boxed()).await?;
    let project = &view.case.project;
    let name = title(&ctx, &project.title_en, &project.title_local);
    let shown = title(&ctx, &view.milestone.title_en, &view.milestone.title_local);
    let href = format!("/projects/{}", project.id);
    let ctx = ctx.title_text(shown).crumb("projects-projects-title", "/projects").crumb_text(name, href);
    let upload = wanted.upload(projects, &ctx, &format!("/milestones/{milestone}"), view.milestone.accepts)?;
    let status = if form.is_refused() { form.status() } else { upload.form.status() };
    let files = view.submissions.iter().rev().map(|one| FileRow {
        href: format!("/submissions/{}/file", one.id),
        receipt_href: format!("/receipts/{}", one.id),
        name: one.file_name.clone(),
        version: one.version,
        late: one.late,
        by: one.submitted_by_name.clone(),
        at: one.submitted_at,
    });
    let page = MilestonePage {
        next: ctx.tv("projects-milestone-next", view.milestone.state.word()),
        state: ctx.tv("projects-milestone-state", view.milestone.state.word()),
        tone: milestone_tone(view.milestone.state),
        may_submit: view.legal.contains(&Action::Submit),
        may_review: view.legal.contains(&Action::Approve),
        may_waive: view.legal.contains(&Action::Waive),
        files: files.collect(),
        moments: view.history.iter().rev().map(|step| of_milestone(&ctx, step)).collect(),
        upload,
        view,
        form,
        ctx,
    };
    web::html_with(status, &page)
}
