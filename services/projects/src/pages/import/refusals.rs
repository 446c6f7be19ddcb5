//! The list of refused rows, to download and to work through.

use axum::{extract::State, response::Response};
use contracts::ids::ImportId;
use futures_util::FutureExt;
use web::{
    Ctx,
    extract::{Path, Signed},
};

use super::review::refusals_of;
use crate::{
    Projects,
    actions::{
        import_cohort::Error,
        stage_import::{find_import, refused_rows},
    },
    model::{
        export::{Cell, Form, Sheet},
        import::{Refusal, State as ImportState},
    },
};

pub(super) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(id): Path<ImportId>,
) -> web::Result<Response> {
    let (run, files) = projects.db.read(&caller, |tx| find_import(tx, id).boxed()).await?;
    let refusals = if run.state == ImportState::Staged {
        refusals_of(&projects, &caller, &ctx, files).await?
    } else {
        let text = projects.db.read(&caller, |tx| refused_rows(tx, id).boxed()).await?;
        serde_json::from_str(&text).unwrap_or_default()
    };
    let row = |refusal: &Refusal| {
        let meaning = ctx.tv("import-reason", refusal.reason.as_str());
        let (file, line) = (Cell::from(&*refusal.file), Cell::Count(refusal.line.into()));
        vec![file, line, Cell::from(&*refusal.column), refusal.reason.as_str().into(), meaning.as_str().into()]
    };
    let header = vec!["file", "line", "column", "reason", "meaning"];
    let sheet = Sheet { name: "refused", header, rows: refusals.iter().map(row).collect() };
    let bytes = sheet.write(Form::Csv).map_err(Error::Unwritable)?;
    Ok(web::download("refused.csv", Form::Csv.media_type(), bytes))
}
