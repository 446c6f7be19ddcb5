//! A coordinator's view of a cycle: figures, where projects wait, and the cycle's own steps.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use base::PageRequest;
use contracts::roles::{COORDINATES, COORDINATOR, VOCABULARY};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure,
    extract::{Form, OnceKey, Path, Query, Signed},
};

use super::{project_tone, title, topic_tone};
use crate::{
    Error, Projects,
    actions::{
        enrol::may_enrol_students,
        list_cycles::{list_cycles, meant, visible},
        move_cycle::{MoveCycle, move_cycle},
        show_overview::{Overview, show_overview},
    },
    model::{
        cycle::{self, Action, TABLE},
        facts::{Facts, Guard},
        ids::CycleId,
        machine,
    },
    store::cycles::Cycle,
};

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    ctx: Ctx,
    overview: Option<Overview>,
    cycles: Vec<Choice>,
    cycle_state: String,
    states: Vec<Count>,
    topics: Vec<Count>,
    steps: Vec<(&'static str, String)>,
    /// Opening the cycle asks first: its projects would have no milestones.
    asks: bool,
    /// Where the milestones are chosen that the cycle has none of, as long as they can be.
    unplanned: Option<String>,
    coordinates: bool,
    /// Whether the reader enrols students here: of every programme, or of those that they coordinate.
    enrols: bool,
    /// Titles of the programmes that the figures are of; none when they are of the whole university.
    programmes: Vec<String>,
    unplaced: i64,
}

struct Count {
    label: String,
    count: i64,
    tone: &'static str,
    href: String,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    cycle: Option<CycleId>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    action: Action,
    /// The reader was told that no milestones are planned, and opens the cycle so.
    #[serde(default)]
    without_milestones: bool,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> web::Result<Response> {
    let read = projects.db.read(&caller, |tx| {
        async move {
            let cycles = list_cycles(tx, None, &PageRequest::default()).await?.items;
            let named = wanted.cycle.or(meant(tx, None).await?.map(|cycle| cycle.id));
            let named = named.or_else(|| cycles.first().map(|cycle| cycle.id));
            let overview = match named {
                Some(cycle) => Some(show_overview(tx, cycle).await?),
                None => None,
            };
            Ok::<_, Error>((cycles, overview, may_enrol_students(tx)))
        }
        .boxed()
    });
    let (cycles, overview, enrols) = read.await?;
    let ctx = match &overview {
        Some(overview) => ctx.title_text(&overview.cycle.name),
        None => ctx.title("projects-overview-title"),
    };
    // A cycle is the whole university's; who coordinates a programme of it sees figures, and no steps.
    let coordinates = VOCABULARY.held(&caller, ctx.now(), None).meets(COORDINATOR);
    let page = OverviewPage {
        cycles: cycles.iter().map(|cycle| Choice::new(&cycle.id, &cycle.name)).collect(),
        cycle_state: overview
            .as_ref()
            .map(|one| ctx.tv("projects-cycle-state", one.cycle.state.word()))
            .unwrap_or_default(),
        states: overview.as_ref().map(|one| states(&ctx, one)).unwrap_or_default(),
        topics: overview.as_ref().map(|one| topics(&ctx, one)).unwrap_or_default(),
        steps: overview.as_ref().filter(|_| coordinates).map(|one| steps(&ctx, one)).unwrap_or_default(),
        programmes: overview.as_ref().map(|one| programmes(&ctx, one)).unwrap_or_default(),
        unplaced: overview.as_ref().map_or(0, |one| one.students.enrolled - one.students.placed),
        enrols: enrols && overview.as_ref().is_some_and(|one| one.cycle.state.takes_people()),
        asks: overview.as_ref().is_some_and(|one| one.cycle.opens_unplanned()),
        unplanned: overview.as_ref().and_then(|one| unplanned(&one.cycle)),
        coordinates,
        overview,
        ctx,
    };
    web::html(&page)
}

pub(crate) async fn step(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let Input { action, without_milestones } = form.input.map_err(Failure::fields)?;
    let before = projects.db.read(&caller, |tx| visible(tx, cycle).boxed()).await?;
    if action == Action::Open && before.opens_unplanned() && !without_milestones {
        return Ok(Redirect::to(&format!("/cycles/{cycle}/open")).into_response());
    }
    let command = MoveCycle { cycle, action, version: Some(before.version) };
    projects.db.write_once(&caller, once, |tx| move_cycle(tx, command).boxed()).await?;
    Ok(ctx.redirect_toast(&format!("/overview?cycle={cycle}"), "projects-saved"))
}

/// Returns where the milestones are chosen that the cycle has none of.
fn unplanned(cycle: &Cycle) -> Option<String> {
    let page = if cycle.state == cycle::State::Draft { "change" } else { "milestones" };
    (cycle.template_id.is_none() && cycle.can_be_planned()).then(|| format!("/cycles/{}/{page}", cycle.id))
}

fn programmes(ctx: &Ctx, overview: &Overview) -> Vec<String> {
    overview.programmes.iter().map(|one| title(ctx, &one.title_en, &one.title_local)).collect()
}

fn states(ctx: &Ctx, overview: &Overview) -> Vec<Count> {
    let count = |one: &crate::store::overview::StateCount| Count {
        label: ctx.tv("projects-project-state", one.state.word()),
        count: one.projects,
        tone: project_tone(one.state),
        href: format!("/projects?cycle={}&state={}", overview.cycle.id, one.state),
    };
    overview.states.iter().map(count).collect()
}

fn topics(ctx: &Ctx, overview: &Overview) -> Vec<Count> {
    let mut topics = overview.topics.clone();
    topics.sort();
    let count = |(state, count): &(crate::model::topic::State, i64)| Count {
        label: ctx.tv("projects-topic-state", state.word()),
        count: *count,
        tone: topic_tone(*state),
        href: format!("/topics?cycle={}&state={state}", overview.cycle.id),
    };
    topics.iter().map(count).collect()
}

fn steps(ctx: &Ctx, overview: &Overview) -> Vec<(&'static str, String)> {
    let facts = Facts::of(COORDINATES).with(Guard::DatesInOrder, overview.cycle.dates.faults().is_empty());
    let legal = machine::legal(TABLE, overview.cycle.state, &facts);
    legal.iter().map(|action| (action.word(), ctx.tv("projects-cycle-action", action.word()))).collect()
}
