//! Show an import.

use axum::extract::State;
use contracts::ids::ImportId;
use futures_util::FutureExt;
use web::extract::{Json, Path, Signed};

use super::list_imports::ImportBody;
use crate::{Projects, actions::stage_import::find_import};

/// Show an import.
#[utoipa::path(get, path = "/api/v1/imports/{import}", tag = "imports", params(("import" = uuid::Uuid, Path)),
    responses((status = 200, body = ImportBody), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn show_import(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(id): Path<ImportId>,
) -> web::Result<Json<ImportBody>> {
    let (run, _) = projects.db.read(&caller, |tx| find_import(tx, id).boxed()).await?;
    Ok(Json(run.into()))
}
