//! Enrol a supervisor.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Ctx, Failure, Fields,
    extract::{Form, OnceKey, Path, Query, Signed},
};

use super::{Finder, Wanted, headed, named, prepare, unreadable, whom};
use crate::{
    Projects,
    actions::enrol::{EnrolSupervisor, Part, Search, enrol_supervisor},
    model::{ids::CycleId, participant::Whom},
    store::participants::Supervisor,
};

#[derive(Template)]
#[template(path = "enrol_supervisor.html")]
struct EnrolSupervisorPage {
    ctx: Ctx,
    form: Fields,
    finder: Finder,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    #[serde(default)]
    title: String,
    supervise_max: u32,
    chair_max: u32,
    examine_max: u32,
    /// With commas between them.
    #[serde(default)]
    areas: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(cycle): Path<CycleId>,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, cycle, wanted.into(), Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let outcome = match form.input {
        Ok(input) => {
            let command = input.command(cycle, whom(&form.fields));
            let enrol = projects.db.write_once(&caller, once, |tx| enrol_supervisor(tx, command).boxed());
            enrol.await.map_err(Failure::from)
        }
        Err(errors) => Err(unreadable(&form.fields, errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/overview?cycle={cycle}"), "projects-enrolled-supervisor")),
        Err(failure) => {
            let form = form.fields.refused(failure)?;
            let search = Search { text: None, person: named(&form) };
            page(&projects, ctx, cycle, search, form).await
        }
    }
}

impl Input {
    fn command(self, cycle: CycleId, whom: Whom) -> EnrolSupervisor {
        let Self { title, supervise_max, chair_max, examine_max, areas } = self;
        let areas = areas.split(',').map(ToOwned::to_owned).collect();
        EnrolSupervisor { cycle, whom, title, supervise_max, chair_max, examine_max, areas }
    }
}

async fn page(projects: &Projects, ctx: Ctx, cycle: CycleId, search: Search, form: Fields) -> web::Result<Response> {
    let mut enrolment = prepare(projects, &ctx, (cycle, Part::Supervisor), &search).await?;
    let before = enrolment.chosen.as_ref().and_then(|chosen| chosen.supervisor.clone());
    let form = if form.untouched() { filled(before.as_ref()) } else { form };
    let ctx = headed(ctx, "projects-enrol-supervisor", &enrolment);
    let path = format!("/cycles/{cycle}/supervisors/new");
    let finder = Finder::new(path, &search, &mut enrolment, before.is_some());
    let page = EnrolSupervisorPage { ctx, form, finder };
    web::html_with(page.form.status(), &page)
}

/// Returns the form as the supervisor is enrolled now.
fn filled(supervisor: Option<&Supervisor>) -> Fields {
    let Some(supervisor) = supervisor else {
        return Fields::default().with("chair_max", "0").with("examine_max", "0");
    };
    let areas: Vec<String> = serde_json::from_str(&supervisor.areas).unwrap_or_default();
    Fields::default()
        .with("title", &supervisor.title)
        .with("supervise_max", &supervisor.supervise_max)
        .with("chair_max", &supervisor.chair_max)
        .with("examine_max", &supervisor.examine_max)
        .with("areas", &areas.join(", "))
}
