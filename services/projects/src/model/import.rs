//! Reading a university's spreadsheets: bytes to tables, tables to checked records and a list of refused rows.
//!
//! Owns what a good file and a good row are. Never touches a database, a file or a clock; never panics, whatever the bytes.
//! Start reading at [`check::check`], then [`columns::KINDS`].
//!
//! The way of a file:
//!
//! 1. [`read()`] turns the bytes of a CSV or XLSX file into [`Table`]s: a header and rows, each with its line in the file.
//! 2. [`Mapping`] says what a table holds and which of its columns is which: found by name, or given by the user.
//! 3. [`check::check`] turns all tables of one import into a [`Cohort`] of records and a list of [`Refusal`]s, a row at a time
//!    and in the order of [`columns::KINDS`]: what a row refers to is checked before the row.
//! 4. [`Plan::make`] holds the cohort against what [`Existing`] says is there, and leaves what is to be written: for the same
//!    file twice, nothing.
//!
//! What is wrong with a file as a whole is a [`Problem`]; it stops the import. What is wrong with a row is a [`Refusal`];
//! the row is left out, and the user decides whether the others go in.

pub mod cells;
pub mod check;
pub mod columns;
pub mod csv;
pub mod existing;
pub mod mapping;
pub mod plan;
pub mod problem;
pub mod records;
pub mod refusal;
pub mod run;
pub mod table;
pub mod xlsx;

pub use self::{
    check::{Checked, Known, check},
    columns::Kind,
    existing::Existing,
    mapping::{Given, Mapping},
    plan::Plan,
    problem::Problem,
    records::Cohort,
    refusal::{Reason, Refusal},
    run::{Mode, Outcome, State},
    table::{Row, Table},
};

/// Largest file that is read.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// Most rows of one table; as many as a sheet of Excel has.
pub const ROWS_MAX: usize = 1_048_576;
/// Most cells of one table.
pub const CELLS_MAX: usize = 5_000_000;
/// Most text of one table.
pub const TEXT_BYTES_MAX: usize = 128 << 20;
/// Most columns of one table.
pub const COLUMNS_MAX: usize = 256;
/// Most files, or sheets of a workbook, in one import.
pub const TABLES_MAX: usize = 32;

/// Reads one file. A workbook has a table for each sheet that is not empty; a CSV file has one.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Table>, Problem> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Problem::TooLarge { file: name.to_owned(), size_bytes_max: FILE_BYTES_MAX });
    }
    let tables = if xlsx::looks_like(bytes) { xlsx::read(name, bytes)? } else { vec![text(name, bytes)?] };
    if tables.iter().all(|table| table.rows.is_empty() && table.header.is_empty()) {
        return Err(Problem::Empty { file: name.to_owned() });
    }
    Ok(tables)
}

/// Reads a file of text. What is called a workbook and is neither is told as the workbook that it should have been.
fn text(name: &str, bytes: &[u8]) -> Result<Table, Problem> {
    csv::read(name, bytes).map_err(|problem| match problem {
        Problem::NotText { file } if xlsx::is_called_so(name) => xlsx::unmarked(&file),
        problem => problem,
    })
}

#[cfg(test)]
mod tests;
