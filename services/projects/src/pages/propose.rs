//! Propose a project, on a topic or of one's own.

use askama::Template;
use axum::{extract::State, response::Response};
use base::{PersonId, Timestamp};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields,
    extract::{Form, OnceKey, Query, Signed},
};

use super::title;
use crate::{
    Error, Projects,
    actions::{
        list_cycles::meant,
        propose::{Propose, propose},
        show_topic::show_topic,
    },
    model::{
        cycle::State as CycleState,
        ids::{CycleId, ProjectId, TopicId},
        supervision::Load,
    },
    store::{cycles::Cycle, participants, topics::Topic},
};

#[derive(Template)]
#[template(path = "propose.html")]
struct ProposePage {
    ctx: Ctx,
    form: Fields,
    cycle: Cycle,
    topic: Option<(TopicId, String)>,
    supervisors: Vec<Choice>,
    /// Why the reader cannot propose now, as a key of the catalogue.
    blocked: Option<&'static str>,
    /// The reader's project in this cycle, of which there is one at most.
    mine: Option<ProjectId>,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    topic: Option<TopicId>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    cycle: CycleId,
    topic: Option<TopicId>,
    supervisor: Option<PersonId>,
    title_en: String,
    #[serde(default)]
    title_local: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    methods: String,
    /// Student numbers, apart by spaces or commas.
    #[serde(default)]
    members: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, wanted.topic, Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let topic = form.input.as_ref().ok().and_then(|input| input.topic);
    let outcome = match form.input {
        Ok(input) => {
            let command = Propose::from(input);
            let propose = projects.db.write_once(&caller, once, |tx| propose(tx, command).boxed());
            propose.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(proposed) => {
            Ok(ctx.redirect_toast(&format!("/projects/{}", proposed.project), "projects-proposal-submitted"))
        }
        Err(failure) => page(&projects, ctx, topic, form.fields.refused(failure)?).await,
    }
}

impl From<Input> for Propose {
    fn from(input: Input) -> Self {
        let Input { cycle, topic, supervisor, title_en, title_local, summary, methods, members } = input;
        let members = members.split([',', ';', ' ', '\n', '\r', '\t']).map(ToOwned::to_owned).collect();
        Self { cycle, topic, supervisor, title_en, title_local, summary, methods, members }
    }
}

async fn page(projects: &Projects, ctx: Ctx, topic: Option<TopicId>, form: Fields) -> web::Result<Response> {
    let read = projects.db.read(ctx.caller(), |tx| {
        async move {
            let topic = match topic {
                Some(id) => Some(show_topic(tx, id).await?.topic),
                None => None,
            };
            let named = topic.as_ref().map(|topic| topic.cycle_id);
            let cycle = meant(tx, named).await?.ok_or(Error::NotFound("cycle"))?;
            let supervisors = participants::supervisors(tx, cycle.id).await?;
            let student = match tx.caller().person_id() {
                Some(person) => participants::student(tx, cycle.id, person).await?,
                None => None,
            };
            Ok::<_, Error>((topic, cycle, supervisors, student))
        }
        .boxed()
    });
    let (topic, cycle, supervisors, student) = read.await?;
    let form = match &topic {
        Some(topic) if form.untouched() => prefilled(form, topic),
        _ => form,
    };
    let ctx = ctx.title("projects-propose-title").crumb("projects-topics-title", "/topics");
    let choice = |one: &participants::Supervisor| {
        let left = Load { taken: one.supervising, max: one.supervise_max }.left();
        Choice::new(&one.person_id, ctx.t2("projects-supervisor-places", "name", &one.name, "left", left))
    };
    web::html_with(
        form.status(),
        &ProposePage {
            supervisors: supervisors.iter().map(choice).collect(),
            blocked: blocked(&cycle, student.as_ref(), ctx.now()),
            mine: student.and_then(|student| student.project_id),
            topic: topic.map(|topic| (topic.id, title(&ctx, &topic.title_en, &topic.title_local))),
            cycle,
            form,
            ctx,
        },
    )
}

/// Returns why a proposal would be refused whatever it says, so that nobody writes one in vain.
fn blocked(cycle: &Cycle, student: Option<&participants::Student>, now: Timestamp) -> Option<&'static str> {
    match student {
        None => Some("projects-propose-not-enrolled"),
        Some(student) if student.project_id.is_some() => Some("projects-propose-have-one"),
        Some(_) if cycle.state != CycleState::Open || cycle.dates.proposals_until_at < now => {
            Some("projects-propose-over")
        }
        Some(_) => None,
    }
}

fn prefilled(form: Fields, topic: &Topic) -> Fields {
    form.with("title_en", &topic.title_en).with("title_local", &topic.title_local)
}
