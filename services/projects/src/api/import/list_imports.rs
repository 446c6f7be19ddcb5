//! List imports.

use axum::extract::State;
use base::Timestamp;
use contracts::ids::ImportId;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Signed};

use crate::{Projects, actions::stage_import::latest_imports, model::ids::CycleId, store::import::runs::Run};

/// Most imports of the list.
const LATEST: u32 = 50;

/// An import.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportBody {
    #[schema(value_type = uuid::Uuid)]
    id: ImportId,
    #[schema(value_type = Option<uuid::Uuid>)]
    cycle: Option<CycleId>,
    /// `all_or_nothing` or `good_rows`; empty while nobody has decided.
    mode: String,
    /// `staged`, `running`, `done` or `failed`.
    state: &'static str,
    rows_total: i64,
    rows_done: i64,
    rows_refused: i64,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl From<Run> for ImportBody {
    fn from(run: Run) -> Self {
        Self {
            id: run.id,
            cycle: run.cycle_id,
            mode: run.mode,
            state: run.state.word(),
            rows_total: run.rows_total,
            rows_done: run.rows_done,
            rows_refused: run.rows_refused,
            started_at: run.started_at,
            finished_at: run.finished_at,
        }
    }
}

/// List the latest imports.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports",
    responses((status = 200, body = web::List<ImportBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_imports(
    State(projects): State<Projects>,
    Signed(caller): Signed,
) -> web::Result<Json<web::List<ImportBody>>> {
    let runs = projects.db.read(&caller, |tx| latest_imports(tx, LATEST).boxed()).await?;
    Ok(Json(web::List::whole(runs)))
}
