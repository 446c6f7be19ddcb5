//! What keeps files from being imported, in the reader's words.

use base::Fault;
use web::Ctx;

use crate::{actions::import_cohort::Error, model::import::Problem};

/// Returns each problem of the files as a sentence.
pub(super) fn in_words(ctx: &Ctx, error: &Error) -> Vec<String> {
    match error {
        Error::Problems(problems) => problems.iter().map(|problem| sentence(ctx, problem)).collect(),
        error => vec![ctx.sentence(&ctx.error_title(error.code()))],
    }
}

fn sentence(ctx: &Ctx, problem: &Problem) -> String {
    let key = format!("import-problem-{}", problem.reason());
    let said = ctx.t2(&key, "file", problem.file(), "detail", detail(problem));
    match problem {
        Problem::UnknownColumn { nearest: Some(nearest), .. }
        | Problem::MissingColumn { nearest: Some(nearest), .. } => {
            format!("{said} {}", ctx.t1("import-problem-nearest", "column", nearest.as_str()))
        }
        _ => said,
    }
}

/// Returns what the sentence speaks of besides the file: a column, or the bound that was passed.
fn detail(problem: &Problem) -> String {
    use Problem as P;
    match problem {
        P::TooLarge { size_bytes_max, .. } => (size_bytes_max >> 20).to_string(),
        P::TooManyRows { rows_max: bound, .. }
        | P::TooMuchText { cells_max: bound, .. }
        | P::TooManyColumns { columns_max: bound, .. }
        | P::TooManyTables { tables_max: bound } => bound.to_string(),
        P::BrokenWorkbook { what, .. } => (*what).to_owned(),
        P::UnknownColumn { column, .. } | P::DuplicateColumn { column, .. } => column.clone(),
        P::MissingColumn { column, .. } => (*column).to_owned(),
        P::Empty { .. }
        | P::NotText { .. }
        | P::OldWorkbook { .. }
        | P::UnknownKind { .. }
        | P::NoProgrammes { .. } => String::new(),
    }
}
