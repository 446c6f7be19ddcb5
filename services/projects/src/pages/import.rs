//! Import spreadsheets: choose files, say which column is which, look at what would happen, decide.
//!
//! Works without scripts: the files wait in the database between the steps, and each step is a page of its own.

mod decide;
mod export;
mod problems;
mod progress;
mod refusals;
mod review;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use base::{PageRequest, Timestamp};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields, Intake, Routes,
    extract::{Form, OnceKey, Signed},
};

use crate::{
    Projects,
    actions::{
        export_roster::Export,
        import_cohort::Error,
        stage_import::{self, latest_imports, stage_import},
    },
    api::import::FILES_BYTES_MAX,
    policy,
    store::{cycles, import::runs::Run},
};

/// Imports that the page lists.
const LATEST: u32 = 10;

/// Adds the pages of imports and exports.
pub(crate) fn routes(routes: Routes<Projects>) -> Routes<Projects> {
    routes
        .page(policy::IMPORT, "/import", get(show))
        .page_with(Intake::UpTo(FILES_BYTES_MAX), policy::IMPORT, "/import", post(upload))
        .page(policy::IMPORT, "/import/{import}", get(review::show))
        .page(policy::IMPORT, "/import/{import}/columns", post(decide::map))
        .page(policy::IMPORT, "/import/{import}/confirm", post(decide::confirm))
        .page(policy::IMPORT, "/import/{import}/discard", post(decide::discard))
        .page(policy::IMPORT, "/import/{import}/refused.csv", get(refusals::show))
        .page(policy::EXPORT, "/export/{file}", get(export::show))
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    ctx: Ctx,
    form: Fields,
    problems: Vec<String>,
    runs: Vec<Row>,
    cycles: Vec<Choice>,
    exports: Vec<&'static str>,
}

/// What is wrong with the files sent, in the reader's words. It is told in place of the form's own summary.
struct Unreadable {
    problems: Vec<String>,
    status: u16,
}

/// An import in the list.
struct Row {
    href: String,
    started_at: Timestamp,
    state: String,
    tone: &'static str,
    rows_done: i64,
    rows_refused: i64,
}

#[derive(Deserialize)]
struct NoFields {}

async fn show(State(projects): State<Projects>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    page(&projects, &caller, ctx, (Fields::default(), None)).await
}

async fn upload(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<NoFields>,
) -> web::Result<Response> {
    let Form { fields, files, .. } = form;
    let chosen = files.into_iter().filter(|file| file.field == "files" && !file.name.is_empty());
    let chosen: Vec<_> = chosen.map(|file| (file.name, file.bytes.to_vec())).collect();
    let read = tokio::task::spawn_blocking(move || stage_import::read(chosen)).await.unwrap_or(Err(Error::Gone));
    let staged = match read {
        Ok(files) => projects.db.write_once(&caller, once, move |tx| stage_import(tx, files).boxed()).await,
        Err(error) => Err(error),
    };
    match staged {
        Ok(id) => Ok(ctx.redirect(&format!("/import/{id}"))),
        Err(error @ Error::Problems(_)) => {
            let problems = problems::in_words(&ctx, &error);
            let unreadable = Unreadable { problems, status: Failure::from(error).status() };
            page(&projects, &caller, ctx, (fields, Some(unreadable))).await
        }
        // Any other refusal is said by the form itself.
        Err(error) => page(&projects, &caller, ctx, (fields.refused(error.into())?, None)).await,
    }
}

async fn page(
    projects: &Projects,
    caller: &base::Caller,
    ctx: Ctx,
    (form, unreadable): (Fields, Option<Unreadable>),
) -> web::Result<Response> {
    let read = projects.db.read(caller, |tx| {
        async move {
            let runs = latest_imports(tx, LATEST).await?;
            let cycles = cycles::list(tx, None, &PageRequest::default()).await?;
            Ok::<_, Error>((runs, cycles.items))
        }
        .boxed()
    });
    let (runs, cycles) = read.await?;
    let ctx = ctx.title("import-title");
    let Unreadable { problems, status } =
        unreadable.unwrap_or_else(|| Unreadable { problems: Vec::new(), status: form.status().as_u16() });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let runs = runs.into_iter().map(|run| row(&ctx, &run)).collect();
    let cycles = cycles.iter().map(|cycle| Choice::new(&cycle.id, &cycle.name)).collect();
    let exports = Export::ALL.map(Export::name).to_vec();
    web::html_with(status, &ImportPage { ctx, form, problems, runs, cycles, exports })
}

fn row(ctx: &Ctx, run: &Run) -> Row {
    use crate::model::import::State as S;
    Row {
        href: format!("/import/{}", run.id),
        started_at: run.started_at,
        state: ctx.tv("import-state", run.state.word()),
        tone: match run.state {
            S::Staged => "warning",
            S::Running => "info",
            S::Done => "success",
            S::Failed => "danger",
        },
        rows_done: run.rows_done,
        rows_refused: run.rows_refused,
    }
}
