//! Show a cycle.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use web::extract::{Json, Path, Signed};

use super::shapes::CycleBody;
use crate::{Projects, actions::list_cycles::visible, model::ids::CycleId};

/// Show a cycle.
#[utoipa::path(get, path = "/api/v1/cycles/{cycle}", tag = "cycles", params(("cycle" = uuid::Uuid, Path)),
    responses((status = 200, body = CycleBody, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn show_cycle(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
) -> web::Result<impl IntoResponse> {
    let body = CycleBody::from(projects.db.read(&caller, |tx| visible(tx, cycle).boxed()).await?);
    Ok((web::ETag(body.version), Json(body)))
}
