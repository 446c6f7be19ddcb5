//! Create a topic.

use askama::Template;
use axum::{extract::State, response::Response};
use base::PersonId;
use contracts::roles::{COORDINATOR, VOCABULARY};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields,
    extract::{Form, OnceKey, Signed},
};

use super::programme_choices;
use crate::{
    Error, Projects,
    actions::{
        create_topic::{CreateTopic, create_topic},
        list_cycles::meant,
    },
    model::ids::{CycleId, ProgrammeId},
    store::{participants, programmes},
};

#[derive(Template)]
#[template(path = "new_topic.html")]
struct NewTopicPage {
    ctx: Ctx,
    form: Fields,
    cycle: CycleId,
    programmes: Vec<Choice>,
    /// Offered to coordinators, who create for others.
    supervisors: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    cycle: CycleId,
    supervisor: Option<PersonId>,
    title_en: String,
    #[serde(default)]
    title_local: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    area: String,
    capacity: u32,
    #[serde(default)]
    programmes: Vec<ProgrammeId>,
}

pub(crate) async fn show(State(projects): State<Projects>, ctx: Ctx) -> web::Result<Response> {
    page(&projects, ctx, Fields::default().with("capacity", "1")).await
}

pub(crate) async fn create(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let outcome = match form.input {
        Ok(input) => {
            let Input { cycle, supervisor, title_en, title_local, summary, area, capacity, programmes } = input;
            let command = CreateTopic { cycle, supervisor, title_en, title_local, summary, area, capacity, programmes };
            let create = projects.db.write_once(&caller, once, |tx| create_topic(tx, command).boxed());
            create.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(id) => Ok(ctx.redirect_toast(&format!("/topics/{id}"), "projects-topic-created")),
        Err(failure) => page(&projects, ctx, form.fields.refused(failure)?).await,
    }
}

async fn page(projects: &Projects, ctx: Ctx, form: Fields) -> web::Result<Response> {
    let coordinates = VOCABULARY.held_anywhere(ctx.caller(), ctx.now()).meets(COORDINATOR);
    let read = projects.db.read(ctx.caller(), |tx| {
        async move {
            let cycle = meant(tx, None).await?.ok_or(Error::NotFound("cycle"))?;
            let supervisors = participants::supervisors(tx, cycle.id).await?;
            Ok::<_, Error>((cycle.id, programmes::list(tx).await?, supervisors))
        }
        .boxed()
    });
    let (cycle, programmes, supervisors) = read.await?;
    let supervisors = supervisors.iter().filter(|_| coordinates).map(|one| Choice::new(&one.person_id, &one.name));
    let supervisors = supervisors.collect();
    let ctx = ctx.title("projects-topic-new").crumb("projects-topics-title", "/topics");
    let programmes = programme_choices(&ctx, &programmes);
    let status = form.status();
    web::html_with(status, &NewTopicPage { ctx, form, cycle, programmes, supervisors })
}
