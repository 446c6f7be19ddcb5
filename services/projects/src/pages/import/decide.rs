//! What is decided of an import that waits: which column is which, that it goes in, or that it does not.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use base::Caller;
use contracts::ids::ImportId;
use futures_util::FutureExt;
use jiff::tz::TimeZone;
use runtime::{OnError, TaskKind};
use serde::Deserialize;
use web::{
    Ctx, Fields,
    extract::{Form, Path, Signed},
};

use super::{
    progress::{self, Running},
    review::open,
};
use crate::{
    Projects,
    actions::{
        import_cohort::{Error, ImportCohort, import_cohort},
        stage_import::{self, Choice, Staged, begin_import, discard_import, find_import, give_back_import, map_import},
    },
    model::import::{Kind, Mapping, Mode},
    store::import::runs::File,
};

const TASK: TaskKind = TaskKind::new("projects-import", OnError::Log);

#[derive(Deserialize)]
pub(super) struct NoFields {}

#[derive(Deserialize)]
pub(super) struct Decision {
    mode: Mode,
}

/// Takes what the form says of each table.
pub(super) async fn map(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(id): Path<ImportId>,
    form: Form<NoFields>,
) -> web::Result<Response> {
    let (_, files) = projects.db.read(&caller, |tx| find_import(tx, id).boxed()).await?;
    let mut choices: BTreeMap<u32, Vec<Choice>> = BTreeMap::new();
    for staged in open(files).await? {
        choices.entry(staged.place.0).or_default().push(choice(&form.fields, &staged));
    }
    let choices: Vec<_> = choices.into_iter().collect();
    projects.db.write(&caller, move |tx| async move { map_import(tx, id, &choices).await }.boxed()).await?;
    Ok(ctx.redirect(&format!("/import/{id}")))
}

/// Reads a table's fields. When it is now said to hold something else, its columns are found anew by their names.
fn choice(fields: &Fields, staged: &Staged) -> Choice {
    let (position, index) = staged.place;
    let kind = Kind::from_name(fields.value(&format!("kind-{position}-{index}")));
    let columns = match kind {
        Some(kind) if staged.choice.kind != Some(kind) => Mapping::draft(&staged.table, kind).columns,
        _ => {
            let column = |column| fields.first(&format!("column-{position}-{index}-{column}")).unwrap_or_default();
            let named = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
            (0..staged.table.header.len()).map(|position| named(column(position))).collect()
        }
    };
    Choice { kind, columns, decided: true }
}

/// Begins the import and shows how far it is.
pub(super) async fn confirm(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(id): Path<ImportId>,
    form: Form<Decision>,
) -> web::Result<Response> {
    let mode = form.input.map_err(web::Failure::fields)?.mode;
    let files = projects.db.write(&caller, move |tx| begin_import(tx, id).boxed()).await?;
    let zone = ctx.zone().clone();
    let work = run(projects, caller, (id, mode, zone), files);
    runtime::spawn(TASK, work);
    Ok(ctx.redirect(&format!("/import/{id}")))
}

/// Runs an import to its end. When it fails nothing was written, and it waits again.
async fn run(
    projects: Projects,
    caller: Caller,
    (id, mode, zone): (ImportId, Mode, TimeZone),
    files: Vec<File>,
) -> Result<(), Error> {
    let _running = Running::start(id);
    let outcome = match open(files).await.and_then(stage_import::decided) {
        Ok(tables) => {
            let progress: crate::actions::import_cohort::OnProgress =
                std::sync::Arc::new(move |done, total| progress::note(id, done, total));
            let command = ImportCohort { tables, cycle: None, mode, zone, run: Some(id), progress: Some(progress) };
            projects
                .db
                .write(&caller, move |tx| async move { import_cohort(tx, &command).await.map(drop) }.boxed())
                .await
        }
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        projects.db.write(&caller, move |tx| give_back_import(tx, id).boxed()).await?;
    }
    outcome
}

/// Removes the files that wait.
pub(super) async fn discard(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(id): Path<ImportId>,
) -> web::Result<Response> {
    projects.db.write(&caller, move |tx| discard_import(tx, id).boxed()).await?;
    Ok(ctx.redirect_toast("/import", "import-discarded"))
}
