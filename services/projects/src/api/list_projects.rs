//! List projects.

use axum::extract::State;
use base::{Page, PersonId};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use web::extract::{Json, PageQuery, Query, Signed};

use super::shapes::ProjectRowBody;
use crate::{
    Error, Projects,
    actions::{list_cycles::meant, list_projects},
    model::{
        ids::{CycleId, ProgrammeId},
        life,
    },
    store::projects::Filter,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The cycle; the open one when not given.
    #[param(value_type = Option<uuid::Uuid>)]
    cycle: Option<CycleId>,
    /// A state of a project's life, for example `active`.
    #[param(value_type = Option<String>)]
    state: Option<life::State>,
    #[param(value_type = Option<uuid::Uuid>)]
    supervisor: Option<PersonId>,
    #[param(value_type = Option<uuid::Uuid>)]
    programme: Option<ProgrammeId>,
    /// Part of a title or number.
    q: Option<String>,
}

/// List projects: all for coordinators, for others those that they have a part in.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", params(Wanted, web::extract::Paging),
    responses((status = 200, body = web::List<ProjectRowBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_projects(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Query(wanted): Query<Wanted>,
    paging: PageQuery,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let Wanted { cycle, state, supervisor, programme, q: text } = wanted;
    let filter = Filter { state, supervisor, programme, text };
    let read = projects.db.read(&caller, |tx| {
        async move {
            let none = Page { items: Vec::new(), next: None };
            let Some(cycle) = meant(tx, cycle).await? else { return Ok::<_, Error>(none) };
            list_projects::list_projects(tx, cycle.id, &filter, &paging.request).await.map(|page| paging.seal(page))
        }
        .boxed()
    });
    Ok(Json(web::List::from(read.await?.map(ProjectRowBody::from))))
}
