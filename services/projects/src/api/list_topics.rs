//! List topics.

use axum::extract::State;
use base::{Page, PersonId};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use web::extract::{Json, PageQuery, Query, Signed};

use super::shapes::TopicBody;
use crate::{
    Error, Projects,
    actions::{list_cycles::meant, list_topics},
    model::{
        ids::{CycleId, ProgrammeId},
        topic,
    },
    store::topics::{Filter, Sort},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The cycle; the open one when not given.
    #[param(value_type = Option<uuid::Uuid>)]
    cycle: Option<CycleId>,
    /// `draft`, `in_review`, `open`, `full`, `closed` or `archived`.
    #[param(value_type = Option<String>)]
    state: Option<topic::State>,
    #[param(value_type = Option<uuid::Uuid>)]
    supervisor: Option<PersonId>,
    #[param(value_type = Option<uuid::Uuid>)]
    programme: Option<ProgrammeId>,
    /// Part of a title or number.
    q: Option<String>,
    /// `number` or `title`; with a minus before it, the last first.
    #[param(value_type = Option<String>)]
    sort: Option<Sort>,
}

/// List topics.
#[utoipa::path(get, path = "/api/v1/topics", tag = "topics", params(Wanted, web::extract::Paging),
    responses((status = 200, body = web::List<TopicBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_topics(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Query(wanted): Query<Wanted>,
    paging: PageQuery,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let Wanted { cycle, state, supervisor, programme, q: text, sort } = wanted;
    let sort = sort.unwrap_or_default();
    let filter = Filter { state, supervisor, programme, text, sort };
    let read = projects.db.read(&caller, |tx| {
        async move {
            let none = Page { items: Vec::new(), next: None };
            let Some(cycle) = meant(tx, cycle).await? else { return Ok::<_, Error>(none) };
            list_topics::list_topics(tx, cycle.id, &filter, &paging.request).await.map(|page| paging.seal(page))
        }
        .boxed()
    });
    Ok(Json(web::List::from(read.await?.map(TopicBody::from))))
}
