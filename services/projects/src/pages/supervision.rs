//! The supervision queue: what waits for a supervisor, and all that they supervise.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Timestamp;
use futures_util::FutureExt;
use web::{Ctx, extract::Signed};

use super::{
    projects::{Row, row},
    title,
};
use crate::{Projects, actions::show_queue::show_queue, model::life::State as Life, store::milestones::MilestoneRow};

#[derive(Template)]
#[template(path = "supervision.html")]
struct SupervisionPage {
    ctx: Ctx,
    proposals: Vec<Row>,
    milestones: Vec<Waiting>,
    running: Vec<Row>,
    others: Vec<Row>,
}

struct Waiting {
    href: String,
    title: String,
    number: String,
    project: String,
    since: Timestamp,
}

pub(crate) async fn show(State(projects): State<Projects>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    let queue = projects.db.read(&caller, |tx| show_queue(tx).boxed()).await?;
    let ctx = ctx.title("projects-supervision-title");
    let milestones = queue.milestones.into_iter().map(|one| waiting(&ctx, one)).collect();
    let (proposed, rest): (Vec<_>, Vec<_>) = queue.projects.into_iter().partition(|one| one.state == Life::Proposed);
    let running = |state| matches!(state, Life::Approved | Life::Active | Life::Suspended | Life::Submitted);
    let (running, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|one| running(one.state));
    let rows = |list: Vec<_>| list.into_iter().map(|one| row(&ctx, one)).collect();
    let (proposals, running, others) = (rows(proposed), rows(running), rows(others));
    web::html(&SupervisionPage { ctx, proposals, milestones, running, others })
}

fn waiting(ctx: &Ctx, one: MilestoneRow) -> Waiting {
    Waiting {
        href: format!("/milestones/{}", one.id),
        title: title(ctx, &one.title_en, &one.title_local),
        number: one.project_number,
        project: title(ctx, &one.project_title, &one.project_title_local),
        since: one.changed_at,
    }
}
