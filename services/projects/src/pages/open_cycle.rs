//! Open a cycle whose projects have no milestones: a page that asks first, shown as a dialog where scripts run.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use web::{Ctx, extract::Path};

use crate::{
    Error, Projects,
    actions::change_cycle::prepare_change,
    model::{cycle, ids::CycleId},
};

#[derive(Template)]
#[template(path = "open_cycle.html")]
struct OpenCyclePage {
    ctx: Ctx,
    cycle: CycleId,
    /// It can still be changed before it is opened.
    draft: bool,
}

pub(crate) async fn show(State(projects): State<Projects>, Path(id): Path<CycleId>, ctx: Ctx) -> web::Result<Response> {
    let (cycle, _) = projects.db.read(ctx.caller(), |tx| prepare_change(tx, id).boxed()).await?;
    if !cycle.opens_unplanned() {
        return Err(Error::NotFound("step").into());
    }
    let draft = cycle.state == cycle::State::Draft;
    let ctx = ctx.title("projects-cycle-action-open").crumb_text(cycle.name, format!("/overview?cycle={id}"));
    web::html(&OpenCyclePage { ctx, cycle: id, draft })
}
