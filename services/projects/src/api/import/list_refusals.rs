//! List the rows that an import refused.

use axum::extract::State;
use contracts::ids::ImportId;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use crate::{Projects, actions::stage_import::refused_rows, model::import::Refusal};

/// A row that was refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusalBody {
    file: String,
    /// The line on which the row starts; the header is line 1.
    line: u32,
    column: String,
    /// Stable, for example `blank` or `duplicate`.
    reason: &'static str,
}

/// List the rows that an import refused.
#[utoipa::path(get, path = "/api/v1/imports/{import}/refusals", tag = "imports", params(("import" = uuid::Uuid, Path)),
    responses((status = 200, body = web::List<RefusalBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_refusals(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(id): Path<ImportId>,
) -> web::Result<Json<web::List<RefusalBody>>> {
    let text = projects.db.read(&caller, |tx| refused_rows(tx, id).boxed()).await?;
    let refusals: Vec<Refusal> = serde_json::from_str(&text).unwrap_or_default();
    let body = |refusal: Refusal| RefusalBody {
        file: refusal.file.to_string(),
        line: refusal.line,
        column: refusal.column.into_owned(),
        reason: refusal.reason.as_str(),
    };
    Ok(Json(web::List::whole(refusals.into_iter().map(body))))
}
