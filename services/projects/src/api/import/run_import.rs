//! Run an import.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use web::extract::{Form, Json, OnceKey, Query, Signed};

use crate::{
    Projects,
    actions::import_cohort::{Error, ImportCohort, Report, import_cohort, preview_import, zone_of},
    model::{
        ids::CycleId,
        import::{Given, Mode, Outcome},
    },
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Says what would happen, and does nothing.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
    /// `all_or_nothing`, which is the default, or `good_rows`.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
    /// The cycle to fill; the newest that is not over when not given.
    #[param(value_type = Option<uuid::Uuid>)]
    cycle: Option<CycleId>,
}

#[derive(Deserialize)]
pub(crate) struct NoFields {}

/// The multipart form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form to readers of the reference; the kit reads the form itself")]
pub(crate) struct ImportForm {
    /// CSV and XLSX files, known by name: students, supervisors, topics, preferences, rankings, rooms, availability, programmes.
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<Vec<u8>>,
    /// JSON: for a file's name what it holds and which of its columns is which, where the names do not say,
    /// for example `{"list.csv": {"kind": "rooms", "columns": {"Raum": "room", "Sitze": "seats"}}}`.
    mapping: Option<String>,
}

/// Import spreadsheets.
///
/// The same files twice change nothing. With `all_or_nothing` a refused row stops everything (422, IMP-005), and the
/// errors name file, line and column.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", params(Wanted),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = Report, description = "What would happen, or what did without making anything new"),
        (status = 201, body = Report, description = "What was imported"),
        (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn run_import(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Query(wanted): Query<Wanted>,
    OnceKey(once): OnceKey,
    form: Form<NoFields>,
) -> web::Result<Response> {
    let given = given(form.fields.value("mapping"))?;
    let files = form.files.into_iter().filter(|file| !file.name.is_empty() || !file.bytes.is_empty());
    let files: Vec<_> = files.map(|file| (file.name, file.bytes.to_vec())).collect();
    let tables = tokio::task::spawn_blocking(move || ImportCohort::read(&files, &given)).await;
    let command = ImportCohort {
        tables: tables.map_err(|_| Error::Gone)??,
        cycle: wanted.cycle,
        mode: wanted.mode.unwrap_or(Mode::AllOrNothing),
        zone: zone_of(&projects.db, caller.tenant()),
        run: None,
        progress: None,
    };
    if wanted.dry_run {
        let report = projects.db.read(&caller, |tx| async move { preview_import(tx, &command).await }.boxed()).await?;
        return Ok(axum::response::IntoResponse::into_response(Json(report)));
    }
    let work =
        projects.db.write_once(&caller, once, move |tx| async move { import_cohort(tx, &command).await }.boxed());
    let report: Report = work.await?;
    match (report.outcome, report.import) {
        (Outcome::Imported, Some(id)) => Ok(web::created(&format!("/api/v1/imports/{id}"), report)),
        _ => Err(Error::RowsRefused(report.refusals).into()),
    }
}

/// Reads what the form says of the files' columns.
fn given(text: &str) -> web::Result<BTreeMap<String, Given>> {
    if text.is_empty() {
        return Ok(BTreeMap::new());
    }
    let wrong = |_| web::Failure::fields(vec![base::FieldError::new("mapping", "invalid")]);
    serde_json::from_str(text).map_err(wrong)
}
