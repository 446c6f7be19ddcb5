//! What can go wrong with an import as a whole, each with its code and its page in `docs/errors/`.

use base::{Code, Fault, FieldError};

use crate::model::import::{Problem, Refusal};

base::error_codes! {
    /// A file is not what its name says, or is damaged.
    UNREADABLE = "IMP-001", Invalid;
    /// A file is over a bound.
    TOO_LARGE = "IMP-002", Invalid;
    /// A file's columns are not those of its kind.
    COLUMNS = "IMP-003", Invalid;
    /// There is nothing to import.
    NO_FILES = "IMP-004", Invalid;
    /// Rows were refused, and all were wanted or none.
    ROWS_REFUSED = "IMP-005", Invalid;
    /// Students name programmes, and none is known.
    NO_PROGRAMMES = "IMP-006", Invalid;
    /// The files kept for the import are gone.
    GONE = "IMP-007", NotFound;
    /// The import is running, or has ended.
    NOT_WAITING = "IMP-008", Conflict;
    /// Too many imports wait for a decision.
    TOO_MANY_WAITING = "IMP-009", TooMany;
    /// The cycle is over.
    CYCLE_OVER = "IMP-010", Conflict;
    /// The table does not fit into the form asked for.
    UNWRITABLE = "IMP-011", Internal;
}

/// What can go wrong with an import.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", first(.0))]
    Problems(Vec<Problem>),
    #[error("there is no file to import")]
    NoFiles,
    #[error("{} rows were refused, so nothing was imported", .0.len())]
    RowsRefused(Vec<Refusal>),
    #[error("the files of this import are no longer kept")]
    Gone,
    #[error("this import is running already, or has ended")]
    NotWaiting,
    #[error("too many imports wait for a decision")]
    TooManyWaiting,
    #[error("the cycle is over and takes no more")]
    CycleOver,
    #[error("the table cannot be written in this form")]
    Unwritable(#[source] crate::model::export::Error),
    #[error(transparent)]
    Denied(#[from] access::Denied),
    #[error(transparent)]
    Other(#[from] crate::Error),
    #[error("{}", crate::error::told(.0))]
    Storage(#[from] storage::Error),
}

fn first(problems: &[Problem]) -> String {
    let first = problems.first().map_or_else(String::new, ToString::to_string);
    match problems.len().saturating_sub(1) {
        0 => first,
        more => format!("{first}; and {more} more"),
    }
}

fn code_of(problems: &[Problem]) -> &'static Code {
    match problems.first() {
        Some(problem) if problem.is_about_columns() => &COLUMNS,
        Some(problem) if problem.is_about_size() => &TOO_LARGE,
        Some(Problem::NoProgrammes { .. }) => &NO_PROGRAMMES,
        _ => &UNREADABLE,
    }
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::Problems(problems) => code_of(problems),
            Self::NoFiles => &NO_FILES,
            Self::RowsRefused(_) => &ROWS_REFUSED,
            Self::Gone => &GONE,
            Self::NotWaiting => &NOT_WAITING,
            Self::TooManyWaiting => &TOO_MANY_WAITING,
            Self::CycleOver => &CYCLE_OVER,
            Self::Unwritable(_) => &UNWRITABLE,
            Self::Denied(error) => error.code(),
            Self::Other(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Problems(problems) => problems.iter().map(Problem::field).collect(),
            Self::RowsRefused(refusals) => refusals.iter().map(field).collect(),
            Self::Other(error) => error.fields(),
            Self::Storage(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn members(&self) -> Vec<(&'static str, Vec<String>)> {
        match self {
            Self::Problems(problems) => vec![("problems", problems.iter().map(ToString::to_string).collect())],
            Self::Denied(error) => error.members(),
            Self::Other(error) => error.members(),
            _ => Vec::new(),
        }
    }
}

fn field(refusal: &Refusal) -> FieldError {
    FieldError::new(format!("{}:{}:{}", refusal.file, refusal.line, refusal.column), refusal.reason.as_str())
}
