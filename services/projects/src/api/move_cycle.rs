//! Open, close or archive a cycle.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::choices;
use crate::{
    Projects,
    actions::move_cycle::{self, MoveCycle},
    model::{cycle::Action, ids::CycleId},
};

/// What to do with a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CycleStep {
    #[schema(schema_with = choices::cycle_steps)]
    action: Action,
}

/// A cycle's state now.
#[derive(Serialize, ToSchema)]
struct CycleState {
    state: &'static str,
    version: i64,
}

/// Take a step of a cycle.
#[utoipa::path(post, path = "/api/v1/cycles/{cycle}/steps", tag = "cycles", params(("cycle" = uuid::Uuid, Path), IfMatch),
    request_body = CycleStep, responses((status = 200, body = CycleState, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn move_cycle(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
    Json(step): Json<CycleStep>,
) -> web::Result<impl IntoResponse> {
    let command = MoveCycle { cycle, action: step.action, version };
    let moved = projects.db.write_once(&caller, once, |tx| move_cycle::move_cycle(tx, command).boxed()).await?;
    Ok((web::ETag(moved.version), Json(CycleState { state: moved.state.word(), version: moved.version })))
}
