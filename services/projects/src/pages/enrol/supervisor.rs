//! Enrol a supervisor.

use askama::Template;
use axum::{extract::State, response::Response};
use base::PersonId;
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Ctx, Failure, Fields,
    extract::{Form, OnceKey, Path, Query, Signed},
};

use super::{Finder, Wanted, headed, named, prepare, unreadable, whom};
use crate::{
    Error, Projects,
    actions::enrol::{EnrolSupervisor, Part, Search, enrol_supervisor},
    model::{ids::CycleId, participant::Whom},
    store::participants::{self, Supervisor},
};

#[derive(Template)]
#[template(path = "enrol_supervisor.html")]
struct EnrolSupervisorPage {
    ctx: Ctx,
    form: Fields,
    finder: Finder,
    /// Projects that the person chosen supervises now.
    supervising: u32,
    /// They are more than the quota allows.
    over: bool,
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
        Ok(person) => enrolled(&projects, &ctx, cycle, person).await,
        Err(failure) => {
            let form = form.fields.refused(failure)?;
            let search = Search { text: None, person: named(&form) };
            page(&projects, ctx, cycle, search, form).await
        }
    }
}

/// Leads on, and says so when the supervisor has more projects than the new quota: they keep them.
async fn enrolled(projects: &Projects, ctx: &Ctx, cycle: CycleId, person: PersonId) -> web::Result<Response> {
    let read = projects.db.read(ctx.caller(), |tx| participants::supervisor(tx, cycle, person).boxed());
    let over = read.await.map_err(Error::from)?.is_some_and(|one| one.supervising > one.supervise_max);
    let toast = if over { "projects-enrolled-supervisor-over" } else { "projects-enrolled-supervisor" };
    Ok(ctx.redirect_toast(&format!("/overview?cycle={cycle}"), toast))
}

impl Input {
    fn command(self, cycle: CycleId, whom: Whom) -> EnrolSupervisor {
        let Self { title, supervise_max, chair_max, examine_max, areas } = self;
        let areas = areas.split(',').map(ToOwned::to_owned).collect();
        EnrolSupervisor { cycle, whom, title: Some(title), supervise_max, chair_max, examine_max, areas: Some(areas) }
    }
}

async fn page(projects: &Projects, ctx: Ctx, cycle: CycleId, search: Search, form: Fields) -> web::Result<Response> {
    let mut enrolment = prepare(projects, &ctx, (cycle, Part::Supervisor), &search).await?;
    let before = enrolment.chosen.as_ref().and_then(|chosen| chosen.supervisor.clone());
    let form = if form.untouched() { filled(before.as_ref()) } else { form };
    let ctx = headed(ctx, "projects-enrol-supervisor", &enrolment);
    let path = format!("/cycles/{cycle}/supervisors/new");
    let finder = Finder::new(path, &search, &mut enrolment, before.is_some());
    let supervising = before.as_ref().map_or(0, |one| one.supervising);
    let over = before.as_ref().is_some_and(|one| one.supervising > one.supervise_max);
    let page = EnrolSupervisorPage { ctx, form, finder, supervising, over };
    web::html_with(page.form.status(), &page)
}

/// Returns the form as the supervisor is enrolled now.
fn filled(supervisor: Option<&Supervisor>) -> Fields {
    let Some(supervisor) = supervisor else {
        return Fields::default().with("chair_max", "0").with("examine_max", "0");
    };
    Fields::default()
        .with("title", &supervisor.title)
        .with("supervise_max", &supervisor.supervise_max)
        .with("chair_max", &supervisor.chair_max)
        .with("examine_max", &supervisor.examine_max)
        .with("areas", &supervisor.areas().join(", "))
}
