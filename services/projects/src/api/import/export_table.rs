//! Export a table of a cycle.

use axum::{extract::State, response::Response};
use base::Caller;
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::IntoParams;
use web::extract::{Path, Query, Signed};

use crate::{
    Error, Projects,
    actions::{
        export_roster::{Export, export_roster, record_export},
        import_cohort,
    },
    model::{export::Form, ids::CycleId},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The cycle; the newest when not given.
    #[param(value_type = Option<uuid::Uuid>)]
    cycle: Option<CycleId>,
}

/// Export students, supervisors, topics or projects.
///
/// The columns are those of an import. No text can act as a formula.
#[utoipa::path(get, path = "/api/v1/exports/{file}", tag = "imports",
    params(("file" = String, Path, description = "`students`, `supervisors`, `topics` or `projects`, with `.csv` or `.xlsx`"), Wanted),
    responses((status = 200, body = String, content_type = "text/csv"), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn export_table(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(file): Path<String>,
    Query(wanted): Query<Wanted>,
) -> web::Result<Response> {
    export(&projects, &caller, &file, wanted.cycle).await
}

/// Answers the file of this name, and writes down that it was taken.
pub(crate) async fn export(
    projects: &Projects,
    caller: &Caller,
    file: &str,
    cycle: Option<CycleId>,
) -> web::Result<Response> {
    let (what, form) = file
        .rsplit_once('.')
        .and_then(|(name, ending)| Some((Export::from_name(name)?, Form::from_ending(ending)?)))
        .ok_or(Error::NotFound("export"))?;
    let sheet = projects.db.read(caller, |tx| export_roster(tx, what, cycle).boxed()).await?;
    let rows = sheet.rows.len();
    let bytes = tokio::task::spawn_blocking(move || sheet.write(form)).await;
    let bytes = bytes.map_err(|_| Error::NotFound("export"))?.map_err(import_cohort::Error::Unwritable)?;
    projects.db.write(caller, move |tx| record_export(tx, what, rows).boxed()).await?;
    Ok(web::download(&format!("{}.{}", what.name(), form.ending()), form.media_type(), bytes))
}
