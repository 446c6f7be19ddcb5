//! A table as a file holds it: a header, and rows that remember their line.

use super::{CELLS_MAX, COLUMNS_MAX, Problem, ROWS_MAX, TEXT_BYTES_MAX};

/// A header and rows of text, from a CSV file or a sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The file's name; for a workbook of several sheets, `file.xlsx/sheet`.
    pub file: String,
    /// The sheet's name, for a workbook.
    pub sheet: Option<String>,
    /// The names of the columns, trimmed.
    pub header: Vec<String>,
    /// The rows below the header; rows without any text are left out.
    pub rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The line of the file on which the row starts, as an editor shows it, or the row of the sheet; the first is 1.
    pub line: u32,
    /// The cells from the left. Shorter than the header when the rest is empty.
    pub cells: Vec<String>,
    /// What is wrong with the row as such, and in which cell.
    pub damage: Option<(usize, Damage)>,
}

/// What can be wrong with a row before anybody looks at what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// A quote that is opened and never closed.
    UnclosedQuote,
    /// An error value of a spreadsheet, for example `#REF!`.
    FormulaError,
}

impl Row {
    /// Returns true when no cell says anything.
    pub fn is_blank(&self) -> bool {
        self.damage.is_none() && self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// Returns the text of a cell, empty when the row does not reach so far.
    pub fn cell(&self, position: usize) -> &str {
        self.cells.get(position).map_or("", String::as_str)
    }
}

/// Collects the rows of a table within the bounds of memory: a small file can hold a very large table.
pub(super) struct Builder {
    table: Table,
    cells: usize,
    text_bytes: usize,
}

impl Builder {
    /// Starts a table of this file.
    pub(super) fn new(file: &str, sheet: Option<&str>) -> Self {
        let sheet = sheet.map(str::to_owned);
        let table = Table { file: file.to_owned(), sheet, header: Vec::new(), rows: Vec::new() };
        Self { table, cells: 0, text_bytes: 0 }
    }

    /// Adds the next row; the first that says anything is the header.
    pub(super) fn push(&mut self, row: Row) -> Result<(), Problem> {
        if row.is_blank() {
            return Ok(());
        }
        let file = || self.table.file.clone();
        if self.table.header.is_empty() {
            if row.damage.is_some() || row.cells.iter().any(|cell| cell.contains('\0')) {
                return Err(Problem::NotText { file: file() });
            }
            if row.cells.len() > COLUMNS_MAX {
                return Err(Problem::TooManyColumns { file: file(), columns_max: COLUMNS_MAX });
            }
            self.table.header = row.cells.iter().map(|cell| cell.trim().to_owned()).collect();
            return Ok(());
        }
        self.cells += row.cells.len();
        self.text_bytes += row.cells.iter().map(String::len).sum::<usize>();
        if self.table.rows.len() == ROWS_MAX {
            return Err(Problem::TooManyRows { file: file(), rows_max: ROWS_MAX });
        }
        if self.cells > CELLS_MAX || self.text_bytes > TEXT_BYTES_MAX {
            return Err(Problem::TooMuchText { file: file(), cells_max: CELLS_MAX });
        }
        self.table.rows.push(row);
        Ok(())
    }

    /// Returns the table.
    pub(super) fn finish(self) -> Table {
        self.table
    }
}
