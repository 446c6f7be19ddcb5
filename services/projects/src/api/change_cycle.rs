//! Change a cycle.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use web::extract::{BasedOn, Json, Path, Signed};

use super::{create_cycle::NewCycle, shapes::Version};
use crate::{
    Projects,
    actions::change_cycle::{self, ChangeCycle},
    model::ids::CycleId,
};

/// Change a cycle that is still a draft, or give an open one that has no milestone template its template; needs `If-Match`.
#[utoipa::path(put, path = "/api/v1/cycles/{cycle}", tag = "cycles", params(("cycle" = uuid::Uuid, Path), BasedOn),
    request_body = NewCycle, responses((status = 200, body = Version, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_cycle(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
    BasedOn(version): BasedOn,
    Json(changed): Json<NewCycle>,
) -> web::Result<impl IntoResponse> {
    let command = ChangeCycle { cycle, version, to: changed.command() };
    let version = projects.db.write(&caller, |tx| change_cycle::change_cycle(tx, command).boxed()).await?;
    Ok((web::ETag(version), Json(Version { version })))
}
