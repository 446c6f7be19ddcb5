//! Choose the milestones of a cycle that was opened without any.

use askama::Template;
use axum::{extract::State, response::Response};
use base::FieldError;
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields,
    extract::{Form, Path, Signed},
};

use crate::{
    Error, Projects,
    actions::{
        change_cycle::{ChangeCycle, change_cycle, prepare_change},
        create_cycle::CreateCycle,
    },
    model::ids::{CycleId, TemplateId},
    store::cycles::Cycle,
};

#[derive(Template)]
#[template(path = "plan_cycle.html")]
struct PlanCyclePage {
    ctx: Ctx,
    form: Fields,
    cycle: CycleId,
    version: i64,
    templates: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    version: i64,
    template_id: Option<TemplateId>,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(cycle): Path<CycleId>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, cycle, Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let (before, _) = projects.db.read(&caller, |tx| prepare_change(tx, cycle).boxed()).await?;
    let outcome = match form.input.and_then(|input| input.command(before)) {
        Ok(command) => projects.db.write(&caller, |tx| change_cycle(tx, command).boxed()).await.map_err(Failure::from),
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/overview?cycle={cycle}"), "projects-saved")),
        Err(failure) => page(&projects, ctx, cycle, form.fields.refused(failure)?).await,
    }
}

impl Input {
    /// Returns the change to a cycle whose name, dates and rules stay as they are.
    fn command(self, before: Cycle) -> Result<ChangeCycle, Vec<FieldError>> {
        let template_id = self.template_id.ok_or_else(|| vec![FieldError::new("template_id", "required")])?;
        let Cycle { id, name, dates, policy, .. } = before;
        let to = CreateCycle { name, dates, template_id: Some(template_id), policy };
        Ok(ChangeCycle { cycle: id, version: self.version, to })
    }
}

async fn page(projects: &Projects, ctx: Ctx, id: CycleId, form: Fields) -> web::Result<Response> {
    let (cycle, templates) = projects.db.read(ctx.caller(), |tx| prepare_change(tx, id).boxed()).await?;
    // A form that was refused is shown again with what is in its way; one that nobody may send is not there.
    if !form.is_refused() && !cycle.can_be_planned() {
        return Err(Error::NotFound("cycle").into());
    }
    let page = PlanCyclePage {
        templates: templates.iter().map(|one| Choice::new(&one.id, &one.name)).collect(),
        version: cycle.version,
        cycle: id,
        form,
        ctx: ctx.title("projects-cycle-plan").crumb_text(cycle.name, format!("/overview?cycle={id}")),
    };
    web::html_with(page.form.status(), &page)
}
