//! Create a cycle.

use askama::Template;
use axum::{extract::State, response::Response};
use base::{FieldError, Timestamp};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields,
    extract::{Form, OnceKey, Signed},
};

use super::word_choices;
use crate::{
    Projects,
    actions::create_cycle::{CreateCycle, create_cycle, prepare_cycle},
    model::{
        cycle::{self, Approvals, Dates, Policy},
        ids::TemplateId,
    },
    store::templates,
};

#[derive(Template)]
#[template(path = "new_cycle.html")]
struct NewCyclePage {
    ctx: Ctx,
    form: Fields,
    /// Where the form goes, and where giving up leads.
    way: (String, String),
    templates: Vec<Choice>,
    approvals: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    name: String,
    starts_at: String,
    proposals_until_at: String,
    final_due_at: String,
    ends_at: String,
    template_id: Option<TemplateId>,
    approvals: Approvals,
    members_max: u16,
    late_days: u16,
    #[serde(default)]
    defence: bool,
    #[serde(default)]
    topics_reviewed: bool,
    #[serde(default)]
    lapse: bool,
}

pub(crate) async fn show(State(projects): State<Projects>, ctx: Ctx) -> web::Result<Response> {
    let usual = Policy::default();
    let form = Fields::default()
        .with("members_max", &usual.members_max)
        .with("late_days", &usual.late_days)
        .with("approvals", &usual.approvals)
        .with("defence", "on");
    page(&projects, ctx, form).await
}

pub(crate) async fn create(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let outcome = match form.input.and_then(|input| command(&ctx, input, Policy::default())) {
        Ok(command) => {
            let create = projects.db.write_once(&caller, once, |tx| create_cycle(tx, command).boxed());
            create.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(id) => Ok(ctx.redirect_toast(&format!("/overview?cycle={id}"), "projects-saved")),
        Err(failure) => page(&projects, ctx, form.fields.refused(failure)?).await,
    }
}

/// Reads the dates in the university's time zone; rules that the form does not show stay as they were `before`.
pub(super) fn command(ctx: &Ctx, input: Input, before: Policy) -> Result<CreateCycle, Vec<FieldError>> {
    // Said together with the dates, so that a form is refused once.
    let mut faults = cycle::name(&input.name).err().into_iter().collect::<Vec<_>>();
    let mut read = |field: &str, text: &str| {
        ctx.read_time(text).unwrap_or_else(|| {
            faults.push(FieldError::new(field, "date"));
            Timestamp::EPOCH
        })
    };
    let dates = Dates {
        starts_at: read("starts_at", &input.starts_at),
        proposals_until_at: read("proposals_until_at", &input.proposals_until_at),
        final_due_at: read("final_due_at", &input.final_due_at),
        ends_at: read("ends_at", &input.ends_at),
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    let Input { name, template_id, approvals, members_max, late_days, defence, topics_reviewed, lapse, .. } = input;
    let policy = Policy { approvals, members_max, late_days, lapse, defence, topics_reviewed, ..before };
    Ok(CreateCycle { name, dates, template_id, policy })
}

async fn page(projects: &Projects, ctx: Ctx, form: Fields) -> web::Result<Response> {
    let templates = projects.db.read(ctx.caller(), |tx| prepare_cycle(tx).boxed()).await?;
    let ctx = ctx.title("projects-cycle-new").crumb("projects-overview-title", "/overview");
    render(ctx, form, ("/cycles/new".to_owned(), "/overview".to_owned()), &templates)
}

/// Returns the form of a cycle.
pub(super) fn render(
    ctx: Ctx,
    form: Fields,
    way: (String, String),
    templates: &[templates::Template],
) -> web::Result<Response> {
    let page = NewCyclePage {
        templates: templates.iter().map(|one| Choice::new(&one.id, &one.name)).collect(),
        approvals: word_choices(&ctx, "projects-approvals", Approvals::ALL.iter().map(|one| one.word())),
        form,
        way,
        ctx,
    };
    web::html_with(page.form.status(), &page)
}
