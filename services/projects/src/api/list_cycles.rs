//! List cycles.

use axum::extract::State;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use web::extract::{Json, PageQuery, Query, Signed};

use super::shapes::CycleBody;
use crate::{Projects, actions::list_cycles, model::cycle};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// `draft`, `open`, `closed` or `archived`.
    #[param(value_type = Option<String>)]
    state: Option<cycle::State>,
}

/// List cycles, the newest first.
#[utoipa::path(get, path = "/api/v1/cycles", tag = "cycles", params(Filter, web::extract::Paging),
    responses((status = 200, body = web::List<CycleBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_cycles(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Query(filter): Query<Filter>,
    paging: PageQuery,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let request = paging.request.clone();
    let read = projects
        .db
        .read(&caller, |tx| async move { list_cycles::list_cycles(tx, filter.state, &request).await }.boxed());
    Ok(Json(web::List::from(paging.seal(read.await?.map(CycleBody::from)))))
}
