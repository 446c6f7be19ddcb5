//! The topics of a cycle.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Page;
use contracts::roles::{COORDINATOR, STUDENT, SUPERVISOR, VOCABULARY};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Pager,
    extract::{PageQuery, Query, Signed},
};

use super::{programme_choices, title, topic_tone, word_choices};
use crate::{
    Error, Projects,
    actions::{list_cycles::meant, list_topics::list_topics},
    model::{
        ids::{CycleId, ProgrammeId},
        topic,
    },
    store::{
        programmes,
        topics::{Filter, Sort, Topic},
    },
};

#[derive(Template)]
#[template(path = "topics.html")]
struct TopicsPage {
    ctx: Ctx,
    topics: Vec<Row>,
    states: Vec<Choice>,
    programmes: Vec<Choice>,
    pager: Pager,
    cycle_name: Option<String>,
    may_create: bool,
    may_propose: bool,
}

struct Row {
    href: String,
    number: String,
    title: String,
    other_title: String,
    supervisor: String,
    area: String,
    taken: u32,
    capacity: u32,
    state: String,
    tone: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    cycle: Option<CycleId>,
    state: Option<topic::State>,
    programme: Option<ProgrammeId>,
    q: Option<String>,
    sort: Option<Sort>,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Query(wanted): Query<Wanted>,
    paging: PageQuery,
    ctx: Ctx,
) -> web::Result<Response> {
    let sort = wanted.sort.unwrap_or_default();
    let filter = Filter { state: wanted.state, supervisor: None, programme: wanted.programme, text: wanted.q, sort };
    let (lists, request) = (projects.topic_lists.clone(), paging.request.clone());
    let read = projects.db.read(&caller, |tx| {
        async move {
            let programmes = programmes::list(tx).await?;
            let cycle = meant(tx, wanted.cycle).await?;
            let topics = match &cycle {
                Some(cycle) => Some(list_topics(tx, &lists, cycle, &filter, &request).await?),
                None => None,
            };
            Ok::<_, Error>((programmes, cycle, topics))
        }
        .boxed()
    });
    let (programmes, cycle, topics) = read.await?;
    let page = topics.as_ref().map(|topics| &topics.page);
    let items = page.map(|page| page.items.as_slice()).unwrap_or_default();
    let sealed = paging.seal(Page { items: Vec::<Topic>::new(), next: page.and_then(|page| page.next.clone()) });
    let ctx = ctx.title("projects-topics-title");
    let held = VOCABULARY.held_anywhere(&caller, ctx.now());
    web::html(&TopicsPage {
        pager: paging.pager(&sealed),
        topics: items.iter().map(|topic| row(&ctx, topic)).collect(),
        states: word_choices(&ctx, "projects-topic-state", topic::State::ALL.iter().map(|state| state.word())),
        programmes: programme_choices(&ctx, &programmes),
        may_create: cycle.is_some() && held.meets(SUPERVISOR.or(COORDINATOR)),
        may_propose: cycle.is_some() && held.meets(STUDENT),
        cycle_name: cycle.map(|cycle| cycle.name),
        ctx,
    })
}

fn row(ctx: &Ctx, topic: &Topic) -> Row {
    let shown = title(ctx, &topic.title_en, &topic.title_local);
    let other = if shown == topic.title_en { &topic.title_local } else { &topic.title_en };
    Row {
        href: format!("/topics/{}", topic.id),
        number: topic.number.clone(),
        other_title: other.clone(),
        title: shown,
        supervisor: topic.supervisor_name.clone(),
        area: topic.area.clone(),
        taken: topic.taken,
        capacity: topic.capacity,
        state: ctx.tv("projects-topic-state", topic.state.word()),
        tone: topic_tone(topic.state),
    }
}
