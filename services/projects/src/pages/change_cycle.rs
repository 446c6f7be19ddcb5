//! Change a cycle that is still a draft.

use axum::{extract::State, response::Response};
use base::FieldError;
use futures_util::FutureExt;
use web::{
    Ctx, Failure, Fields,
    extract::{Form, Path, Signed},
};

use super::new_cycle::{Input, command, render};
use crate::{
    Error, Projects,
    actions::change_cycle::{ChangeCycle, change_cycle, prepare_change},
    model::{
        cycle::{self, Policy},
        ids::CycleId,
    },
    store::cycles::Cycle,
};

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(cycle): Path<CycleId>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, cycle, None).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let (before, _) = projects.db.read(&caller, |tx| prepare_change(tx, cycle).boxed()).await?;
    let version = form.fields.value("version").parse().map_err(|_| vec![FieldError::new("version", "number")]);
    let to = form.input.and_then(|input| command(&ctx, input, before.policy));
    let outcome = match to.and_then(|to| Ok(ChangeCycle { cycle, version: version?, to })) {
        Ok(command) => projects.db.write(&caller, |tx| change_cycle(tx, command).boxed()).await.map_err(Failure::from),
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/overview?cycle={cycle}"), "projects-saved")),
        Err(failure) => page(&projects, ctx, cycle, Some(form.fields.refused(failure)?)).await,
    }
}

/// Shows the form as it was refused, or as the cycle is.
async fn page(projects: &Projects, ctx: Ctx, id: CycleId, refused: Option<Fields>) -> web::Result<Response> {
    let (cycle, templates) = projects.db.read(ctx.caller(), |tx| prepare_change(tx, id).boxed()).await?;
    // A form that was refused is shown again with what is in its way; one that nobody may send is not there.
    if refused.is_none() && cycle.state != cycle::State::Draft {
        return Err(Error::NotFound("cycle").into());
    }
    let overview = format!("/overview?cycle={id}");
    let form = refused.unwrap_or_else(|| filled(&ctx, &cycle));
    let ctx = ctx.title("projects-cycle-change").crumb_text(cycle.name, overview.clone());
    render(ctx, form, (format!("/cycles/{id}/change"), overview), &templates)
}

fn filled(ctx: &Ctx, cycle: &Cycle) -> Fields {
    let Cycle { name, dates, template_id, policy, version, .. } = cycle;
    let Policy { approvals, members_max, late_days, defence, topics_reviewed, lapse, .. } = policy;
    let form = Fields::default()
        .with("version", version)
        .with("name", name)
        .with("starts_at", &ctx.datetime_value(dates.starts_at))
        .with("proposals_until_at", &ctx.datetime_value(dates.proposals_until_at))
        .with("final_due_at", &ctx.datetime_value(dates.final_due_at))
        .with("ends_at", &ctx.datetime_value(dates.ends_at))
        .with("approvals", approvals)
        .with("members_max", members_max)
        .with("late_days", late_days);
    let form = template_id.iter().fold(form, |form, id| form.with("template_id", id));
    let ticked = [("defence", defence), ("topics_reviewed", topics_reviewed), ("lapse", lapse)];
    ticked.into_iter().filter(|(_, ticked)| **ticked).fold(form, |form, (name, _)| form.with(name, "on"))
}
