//! One import: which column is which and what would happen, while it waits; how far it is, while it runs; then what it did.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use base::{Caller, Timestamp};
use contracts::ids::ImportId;
use futures_util::FutureExt;
use web::{
    Choice, Ctx,
    extract::{Path, Signed},
};

use super::{problems, progress};
use crate::{
    Projects,
    actions::{
        import_cohort::{Error, ImportCohort, Report, preview_import, report::Sample},
        stage_import::{self, Staged, find_import},
    },
    model::import::{Mode, Refusal, State as ImportState, columns::KINDS},
    store::import::runs::{File, Run},
};

/// Refused rows that the page shows; all are in the list to download.
const REFUSALS_SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "import_review.html")]
struct ReviewPage {
    ctx: Ctx,
    id: ImportId,
    tables: Vec<TableForm>,
    problems: Vec<String>,
    preview: Option<Preview>,
}

#[derive(Template)]
#[template(path = "import_result.html")]
struct ResultPage {
    ctx: Ctx,
    id: ImportId,
    running: bool,
    done: bool,
    progress: Option<(usize, usize)>,
    rows_done: i64,
    rows_refused: i64,
    finished_at: Option<Timestamp>,
    refusals: Vec<Line>,
}

/// A table with the fields in which its columns are chosen.
struct TableForm {
    name: String,
    kind_field: String,
    kinds: Vec<(Choice, bool)>,
    columns: Vec<ColumnForm>,
    settled: bool,
}

/// A column of a table: its name in the file, and what it may be.
struct ColumnForm {
    name: String,
    field: String,
    choices: Vec<(Choice, bool)>,
}

/// What would happen.
struct Preview {
    kinds: Vec<KindLine>,
    samples: Vec<Sample>,
    refusals: Vec<Line>,
    rows_refused: u32,
    rows_good: u32,
}

struct KindLine {
    name: String,
    rows_read: u32,
    rows_refused: u32,
    new: u32,
    changed: u32,
    unchanged: u32,
}

/// A refused row in words.
struct Line {
    file: String,
    line: u32,
    column: String,
    reason: String,
}

pub(super) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(id): Path<ImportId>,
) -> web::Result<Response> {
    let (run, files) = projects.db.read(&caller, |tx| find_import(tx, id).boxed()).await?;
    let ctx = ctx.title("import-review-title").crumb("import-title", "/import");
    if run.state != ImportState::Staged {
        return result(&projects, &caller, ctx.title("import-result-title"), run).await;
    }
    let staged = open(files).await?;
    let tables = staged.iter().map(|one| table_form(&ctx, one)).collect();
    let (problems, preview) = match preview(&projects, &caller, &ctx, staged).await {
        Ok(report) => (Vec::new(), Some(in_words(&ctx, report))),
        Err(error @ (Error::Problems(_) | Error::NoFiles)) => (problems::in_words(&ctx, &error), None),
        Err(error) => return Err(error.into()),
    };
    web::html(&ReviewPage { ctx, id, tables, problems, preview })
}

/// Opens files that wait, away from the threads that serve requests.
pub(super) async fn open(files: Vec<File>) -> Result<Vec<Staged>, Error> {
    tokio::task::spawn_blocking(move || stage_import::open(&files)).await.unwrap_or(Err(Error::Gone))
}

async fn preview(projects: &Projects, caller: &Caller, ctx: &Ctx, staged: Vec<Staged>) -> Result<Report, Error> {
    let command = ImportCohort {
        tables: stage_import::decided(staged)?,
        cycle: None,
        mode: Mode::GoodRows,
        zone: ctx.zone().clone(),
        run: None,
        progress: None,
    };
    projects.db.read(caller, |tx| async move { preview_import(tx, &command).await }.boxed()).await
}

/// Returns all refused rows of files that wait.
pub(super) async fn refusals_of(
    projects: &Projects,
    caller: &Caller,
    ctx: &Ctx,
    files: Vec<File>,
) -> Result<Vec<Refusal>, Error> {
    Ok(preview(projects, caller, ctx, open(files).await?).await?.refusals)
}

async fn result(projects: &Projects, caller: &Caller, ctx: Ctx, run: Run) -> web::Result<Response> {
    let id = run.id;
    let text = projects.db.read(caller, |tx| stage_import::refused_rows(tx, id).boxed()).await?;
    let refusals: Vec<Refusal> = serde_json::from_str(&text).unwrap_or_default();
    let running = run.state == ImportState::Running;
    let refusals = refusals.iter().take(REFUSALS_SHOWN).map(|refusal| line(&ctx, refusal)).collect();
    let page = ResultPage {
        ctx,
        id,
        running,
        done: run.state == ImportState::Done,
        progress: progress::of(id).filter(|(_, total)| *total > 0),
        rows_done: run.rows_done,
        rows_refused: run.rows_refused,
        finished_at: run.finished_at,
        refusals,
    };
    let mut response = web::html(&page)?;
    if running {
        // The page looks again by itself, with or without scripts.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("1"));
    }
    Ok(response)
}

fn table_form(ctx: &Ctx, staged: &Staged) -> TableForm {
    let (position, index) = staged.place;
    let chosen = staged.choice.kind;
    let kinds = KINDS
        .iter()
        .map(|kind| (Choice::new(kind.as_str(), ctx.tv("import-kind", kind.as_str())), chosen == Some(*kind)));
    let columns = staged.table.header.iter().enumerate().map(|(column, name)| {
        let known = chosen.map(crate::model::import::Kind::columns).unwrap_or_default();
        let chosen = staged.choice.columns.get(column).and_then(Option::as_deref);
        let choices = known.iter().map(|one| (Choice::new(one.name, one.name), chosen == Some(one.name)));
        ColumnForm {
            name: name.clone(),
            field: format!("column-{position}-{index}-{column}"),
            choices: choices.collect(),
        }
    });
    TableForm {
        name: staged.table.file.clone(),
        kind_field: format!("kind-{position}-{index}"),
        kinds: kinds.collect(),
        columns: columns.collect(),
        settled: staged.problems().is_empty(),
    }
}

fn in_words(ctx: &Ctx, report: Report) -> Preview {
    let kinds = report.kinds.iter().map(|kind| KindLine {
        name: ctx.tv("import-kind", kind.kind.as_str()),
        rows_read: kind.rows_read,
        rows_refused: kind.rows_refused,
        new: kind.new,
        changed: kind.changed,
        unchanged: kind.unchanged,
    });
    Preview {
        kinds: kinds.collect(),
        refusals: report.refusals.iter().take(REFUSALS_SHOWN).map(|refusal| line(ctx, refusal)).collect(),
        samples: report.samples,
        rows_refused: report.rows_refused,
        rows_good: report.rows_read - report.rows_refused,
    }
}

fn line(ctx: &Ctx, refusal: &Refusal) -> Line {
    Line {
        file: refusal.file.to_string(),
        line: refusal.line,
        column: refusal.column.clone().into_owned(),
        reason: ctx.tv("import-reason", refusal.reason.as_str()),
    }
}
