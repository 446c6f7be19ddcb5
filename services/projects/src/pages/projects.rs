//! The projects of a cycle: all for coordinators, for others those they have a part in.

use askama::Template;
use axum::{extract::State, response::Response};
use base::{Page, PersonId, Timestamp};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Pager,
    extract::{PageQuery, Query, Signed},
};

use super::{programme_choices, project_tone, title, word_choices};
use crate::{
    Error, Projects,
    actions::{list_cycles::meant, list_projects::list_projects},
    model::{
        ids::{CycleId, ProgrammeId},
        life,
    },
    store::{
        programmes,
        projects::{Filter, ProjectRow},
    },
};

#[derive(Template)]
#[template(path = "projects.html")]
struct ProjectsPage {
    ctx: Ctx,
    projects: Vec<Row>,
    states: Vec<Choice>,
    programmes: Vec<Choice>,
    pager: Pager,
    cycle_name: Option<String>,
}

/// A project in a table.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) supervisor: String,
    pub(super) state: String,
    pub(super) tone: &'static str,
    pub(super) changed_at: Timestamp,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    cycle: Option<CycleId>,
    state: Option<life::State>,
    supervisor: Option<PersonId>,
    programme: Option<ProgrammeId>,
    q: Option<String>,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Query(wanted): Query<Wanted>,
    paging: PageQuery,
    ctx: Ctx,
) -> web::Result<Response> {
    let Wanted { cycle, state, supervisor, programme, q: text } = wanted;
    let filter = Filter { state, supervisor, programme, text };
    let request = paging.request.clone();
    let read = projects.db.read(&caller, |tx| {
        async move {
            let programmes = programmes::list(tx).await?;
            let cycle = meant(tx, cycle).await?;
            let page = match &cycle {
                Some(cycle) => list_projects(tx, cycle.id, &filter, &request).await?,
                None => Page { items: Vec::new(), next: None },
            };
            Ok::<_, Error>((programmes, cycle, page))
        }
        .boxed()
    });
    let (programmes, cycle, page) = read.await?;
    let page = paging.seal(page);
    let ctx = ctx.title("projects-projects-title");
    web::html(&ProjectsPage {
        pager: paging.pager(&page),
        projects: page.items.into_iter().map(|project| row(&ctx, project)).collect(),
        states: word_choices(&ctx, "projects-project-state", life::State::ALL.iter().map(|state| state.word())),
        programmes: programme_choices(&ctx, &programmes),
        cycle_name: cycle.map(|cycle| cycle.name),
        ctx,
    })
}

/// Returns the project as a table shows it.
pub(super) fn row(ctx: &Ctx, project: ProjectRow) -> Row {
    Row {
        href: format!("/projects/{}", project.id),
        title: title(ctx, &project.title_en, &project.title_local),
        number: project.number,
        supervisor: project.supervisor_name,
        state: ctx.tv("projects-project-state", project.state.word()),
        tone: project_tone(project.state),
        changed_at: project.changed_at,
    }
}
