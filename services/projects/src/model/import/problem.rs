//! What can be wrong with a file as a whole.

use base::FieldError;

/// Why a file cannot be read at all. One of these stops the import, and says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("`{file}` is larger than {} MiB", size_bytes_max >> 20)]
    TooLarge { file: String, size_bytes_max: usize },
    #[error("`{file}` has more than {rows_max} rows")]
    TooManyRows { file: String, rows_max: usize },
    #[error("`{file}` holds too much text, or more than {cells_max} cells")]
    TooMuchText { file: String, cells_max: usize },
    #[error("`{file}` has more than {columns_max} columns")]
    TooManyColumns { file: String, columns_max: usize },
    #[error("more than {tables_max} files or sheets at once")]
    TooManyTables { tables_max: usize },
    #[error("`{file}` is empty")]
    Empty { file: String },
    #[error("`{file}` is not text in UTF-8")]
    NotText { file: String },
    #[error("`{file}` is not a workbook that can be read: {what}")]
    BrokenWorkbook { file: String, what: &'static str },
    #[error("`{file}` is in the old Excel format; save it as .xlsx")]
    OldWorkbook { file: String },
    #[error("what `{file}` holds cannot be told from its name or its columns")]
    UnknownKind { file: String },
    #[error("`{file}` has the column `{column}`, which {kind} do not have{}", hint(.nearest.as_deref()))]
    UnknownColumn { file: String, kind: &'static str, column: String, nearest: Option<String> },
    #[error("`{file}` lacks the column `{column}`{}", hint(.nearest.as_deref()))]
    MissingColumn { file: String, column: &'static str, nearest: Option<String> },
    #[error("`{file}` has the column `{column}` twice")]
    DuplicateColumn { file: String, column: String },
    #[error("the students name programmes, but none is known yet")]
    NoProgrammes { file: String },
}

impl Problem {
    /// Returns the stable reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooMuchText { .. } => "too_much_text",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooManyTables { .. } => "too_many_tables",
            Self::Empty { .. } => "empty",
            Self::NotText { .. } => "not_text",
            Self::BrokenWorkbook { .. } => "broken_workbook",
            Self::OldWorkbook { .. } => "old_workbook",
            Self::UnknownKind { .. } => "unknown_kind",
            Self::UnknownColumn { .. } => "unknown_column",
            Self::MissingColumn { .. } => "missing_column",
            Self::DuplicateColumn { .. } => "duplicate_column",
            Self::NoProgrammes { .. } => "no_programmes",
        }
    }

    /// Returns true for what the user can mend by saying which column is which.
    pub const fn is_about_columns(&self) -> bool {
        matches!(
            self,
            Self::UnknownKind { .. }
                | Self::UnknownColumn { .. }
                | Self::MissingColumn { .. }
                | Self::DuplicateColumn { .. }
        )
    }

    /// Returns true for what is over a bound.
    pub const fn is_about_size(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. }
                | Self::TooManyRows { .. }
                | Self::TooMuchText { .. }
                | Self::TooManyColumns { .. }
                | Self::TooManyTables { .. }
        )
    }

    /// Returns the file at fault.
    pub fn file(&self) -> &str {
        match self {
            Self::TooManyTables { .. } => "",
            Self::TooLarge { file, .. }
            | Self::TooManyRows { file, .. }
            | Self::TooMuchText { file, .. }
            | Self::TooManyColumns { file, .. }
            | Self::Empty { file }
            | Self::NotText { file }
            | Self::BrokenWorkbook { file, .. }
            | Self::OldWorkbook { file }
            | Self::UnknownKind { file }
            | Self::UnknownColumn { file, .. }
            | Self::MissingColumn { file, .. }
            | Self::DuplicateColumn { file, .. }
            | Self::NoProgrammes { file } => file,
        }
    }

    /// Returns the problem as the error of an input field: the file, and within it the column.
    pub fn field(&self) -> FieldError {
        let field = match self {
            Self::UnknownColumn { file, column, .. } | Self::DuplicateColumn { file, column } => {
                format!("{file}:{column}")
            }
            Self::MissingColumn { file, column, .. } => format!("{file}:{column}"),
            other => other.file().to_owned(),
        };
        FieldError::new(field, self.reason())
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"))
}
