//! Reads XLSX workbooks, which are ZIP files of XML and therefore larger inside than they look.
//!
//! Nothing here trusts a number that the file says of itself: parts are measured by unpacking them into nothing first,
//! cells are taken one by one, and a table grows only by what is really there.

use std::{
    io::{self, Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

use super::{
    COLUMNS_MAX, Problem, TABLES_MAX,
    table::{Builder, Damage, Row, Table},
};

const ZIP_MARK: &[u8] = b"PK\x03\x04";
const OLD_EXCEL_MARK: &[u8] = b"\xd0\xcf\x11\xe0";
/// Most parts of a workbook.
const PARTS_MAX: usize = 2_000;
/// Most bytes of all parts together, unpacked.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// Most characters of a cell; Excel's own bound.
const CELL_CHARS_MAX: usize = 32_767;
/// Whole numbers up to this are exact in a cell, and written without a fraction.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Returns true for bytes that are a workbook rather than text, of the new format or the old.
pub fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP_MARK) || bytes.starts_with(OLD_EXCEL_MARK)
}

/// Returns true for a name that promises a workbook of the new format.
pub fn is_called_so(name: &str) -> bool {
    name.to_lowercase().ends_with(".xlsx")
}

/// Returns the problem of a file that is called a workbook and does not begin as one.
pub fn unmarked(file: &str) -> Problem {
    broken(file, "it does not begin as XLSX does")
}

/// Reads the tables of a workbook: one for each sheet that says anything.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Table>, Problem> {
    if bytes.starts_with(OLD_EXCEL_MARK) {
        return Err(Problem::OldWorkbook { file: file.to_owned() });
    }
    // A reader of hostile files that is not ours: should it panic, the file is broken and nothing else is.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        measure(file, bytes)?;
        sheets(file, bytes)
    }));
    outcome.unwrap_or_else(|_| Err(broken(file, "it confuses the reader")))
}

fn broken(file: &str, what: &'static str) -> Problem {
    Problem::BrokenWorkbook { file: file.to_owned(), what }
}

/// Unpacks every part into nothing, to know its size before anything is kept.
fn measure(file: &str, bytes: &[u8]) -> Result<(), Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken(file, "its list of parts is damaged"))?;
    if archive.len() > PARTS_MAX {
        return Err(broken(file, "it has too many parts"));
    }
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| broken(file, "a part cannot be unpacked"))?;
        let name = part.name().map_err(|_| broken(file, "its list of parts is damaged"))?;
        let strings = name.to_lowercase().ends_with("sharedstrings.xml");
        let mut part = part.take(left + 1);
        let copied = if strings {
            let mut text = Vec::new();
            part.read_to_end(&mut text).map_err(|_| broken(file, "a part cannot be unpacked"))?;
            if !is_count_honest(&text) {
                return Err(broken(file, "its count of texts is wrong"));
            }
            text.len() as u64
        } else {
            io::copy(&mut part, &mut io::sink()).map_err(|_| broken(file, "a part cannot be unpacked"))?
        };
        left = left.checked_sub(copied).ok_or_else(|| broken(file, "it is too large when unpacked"))?;
    }
    Ok(())
}

/// Returns false when the table of texts announces more texts than it has bytes. The reader sets aside as much memory as
/// is announced, and a process that asks for a petabyte is ended by its allocator.
fn is_count_honest(part: &[u8]) -> bool {
    const NAME: &[u8] = b"uniqueCount";
    if part.iter().take(512).any(|byte| *byte == 0) {
        return false;
    }
    let mut rest = part;
    while let Some(at) = rest.windows(NAME.len()).position(|window| window == NAME) {
        rest = rest.get(at + NAME.len()..).unwrap_or_default();
        let value = rest.iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
        let count = value.fold(0_usize, |sum, digit| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
        if count > part.len() {
            return false;
        }
    }
    true
}

fn sheets(file: &str, bytes: &[u8]) -> Result<Vec<Table>, Problem> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(file, describe(&error)))?;
    let names = book.sheet_names();
    if names.len() > TABLES_MAX {
        return Err(Problem::TooManyTables { tables_max: TABLES_MAX });
    }
    let mut tables = Vec::new();
    for name in &names {
        let table = sheet(&mut book, file, name)?;
        if !table.header.is_empty() {
            tables.push(table);
        }
    }
    if let [table] = tables.as_mut_slice() {
        file.clone_into(&mut table.file);
    }
    Ok(tables)
}

fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, file: &str, name: &str) -> Result<Table, Problem> {
    let mut table = Builder::new(&format!("{file}/{name}"), Some(name));
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        // A sheet that is a chart has no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(table.finish()),
        Err(error) => return Err(broken(file, describe(&error))),
    };
    let mut row = Row::default();
    while let Some(cell) = cells.next_cell().map_err(|error| broken(file, describe(&error)))? {
        let (index, column) = cell.get_position();
        let line = index.saturating_add(1);
        if line != row.line {
            table.push(std::mem::replace(&mut row, Row { line, ..Row::default() }))?;
        }
        put(&mut row, column as usize, cell.get_value());
    }
    table.push(row)?;
    Ok(table.finish())
}

/// Puts a value into its place. What stands beyond the last column allowed is kept as one more cell, so that it is noticed.
fn put(row: &mut Row, column: usize, value: &DataRef<'_>) {
    let text = match value {
        DataRef::Empty => return,
        DataRef::Error(_) => {
            row.damage = row.damage.or_else(|| Some((column.min(COLUMNS_MAX), Damage::FormulaError)));
            return;
        }
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => decimal(*number),
        DataRef::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(instant) => day_and_time(*instant),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => clip(text),
        DataRef::SharedString(text) => clip(text),
    };
    let column = column.min(COLUMNS_MAX);
    if row.cells.len() <= column {
        row.cells.resize(column + 1, String::new());
    }
    if let Some(cell) = row.cells.get_mut(column) {
        *cell = text;
    }
}

fn clip(text: &str) -> String {
    text.chars().take(CELL_CHARS_MAX).collect()
}

fn decimal(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() <= EXACT_MAX {
        return format!("{number:.0}");
    }
    number.to_string()
}

/// Writes a day and time in the form that the checks read. A time without a day stays the fraction that it is.
fn day_and_time(instant: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = instant.to_ymd_hms_milli();
    let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day), i8::try_from(hour), i8::try_from(minute));
    let (Ok(year), Ok(month), Ok(day), Ok(hour), Ok(minute)) = parts else {
        return decimal(instant.as_f64());
    };
    let nanos = i32::from(milli) * 1_000_000;
    let exact = jiff::civil::DateTime::new(year, month, day, hour, minute, i8::try_from(second).unwrap_or(0), nanos);
    let rounded = exact.and_then(|instant| instant.round(jiff::Unit::Second));
    match rounded {
        Ok(rounded) if instant.is_datetime() => rounded.to_string(),
        _ => decimal(instant.as_f64()),
    }
}

fn describe(error: &XlsxError) -> &'static str {
    match error {
        XlsxError::Password => "it is protected by a password",
        XlsxError::Zip(_) | XlsxError::Io(_) => "a part cannot be unpacked",
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => "a part is missing",
        _ => "a part is damaged",
    }
}
