//! List topics.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Page, PersonId};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
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
    store::topics::{Filter, Sort, Topic},
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
) -> web::Result<Response> {
    let Wanted { cycle, state, supervisor, programme, q: text, sort } = wanted;
    let sort = sort.unwrap_or_default();
    let filter = Filter { state, supervisor, programme, text, sort };
    let (lists, request) = (projects.topic_lists.clone(), paging.request.clone());
    let read = projects.db.read(&caller, |tx| {
        async move {
            let Some(cycle) = meant(tx, cycle).await? else { return Ok::<_, Error>(None) };
            list_topics::list_topics(tx, &lists, &cycle, &filter, &request).await.map(Some)
        }
        .boxed()
    });
    let Some(topics) = read.await? else { return Ok(Json(web::List::<TopicBody>::default()).into_response()) };
    let items = if let Some(items) = topics.json.get() {
        items
    } else {
        let items = written(&topics.page.items)?;
        topics.json.get_or_init(|| items)
    };
    let next = paging.seal(Page { items: Vec::<Topic>::new(), next: topics.page.next.clone() }).next;
    Ok(Json(Written { items, next }).into_response())
}

/// A [`web::List`] whose items are written already.
#[derive(Serialize)]
struct Written<'a> {
    items: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn written(topics: &[Topic]) -> web::Result<Box<RawValue>> {
    let bodies: Vec<TopicBody> = topics.iter().cloned().map(TopicBody::from).collect();
    serde_json::value::to_raw_value(&bodies).map_err(|error| web::Failure::internal(&error))
}
