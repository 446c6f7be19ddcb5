//! Writes tables for spreadsheets: CSV and XLSX, in neither of which a text can act as a formula.
//!
//! Owns the two forms. Never decides what is exported, nor to whom.
//! Start reading at [`Sheet`].

use std::borrow::Cow;

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Characters at which a spreadsheet takes a text for a formula, or drops the character and looks at the next.
/// The wide forms are what some keyboards type; spreadsheets in those languages take them for the narrow ones.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// What says that the rest is text. Spreadsheets do not show it; [`original`] takes it off when a file comes back.
const TEXT_MARK: char = '\'';

/// A value of an exported table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text from a person; made harmless.
    Text(String),
    /// A whole number.
    Count(i64),
    /// A number in hundredths, written with two decimals.
    Hundredths(i64),
    /// Nothing.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

/// A table to export.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The name of the sheet, and of the file without its ending.
    pub name: &'static str,
    /// The names of the columns; those of an import, so that the file can come back.
    pub header: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// The forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv,
    Xlsx,
}

impl Form {
    /// Returns the form that a file ending names.
    pub fn from_ending(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Returns the ending of the file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Returns the media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// The table does not fit into the form.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the table cannot be written as CSV")]
    Csv(#[from] csv::Error),
    #[error("the table cannot be written as XLSX")]
    Xlsx(#[from] XlsxError),
}

impl Sheet {
    /// Writes the table in a form.
    pub fn write(&self, form: Form) -> Result<Vec<u8>, Error> {
        match form {
            Form::Csv => self.csv(),
            Form::Xlsx => self.xlsx(),
        }
    }

    fn csv(&self) -> Result<Vec<u8>, Error> {
        // The mark by which Excel knows UTF-8.
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
        writer.write_record(&self.header)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| cell.text().into_owned()))?;
        }
        writer.into_inner().map_err(|error| Error::Csv(csv::Error::from(error.into_error())))
    }

    fn xlsx(&self) -> Result<Vec<u8>, Error> {
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        let decimals = Format::new().set_num_format("0.00");
        let sheet = book.add_worksheet().set_name(self.name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0_u16..).zip(&self.header) {
            sheet.write_string_with_format(0, column, *name, &bold)?;
        }
        for (line, row) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Empty => continue,
                    Cell::Count(number) => sheet.write_number(line, column, *number as f64)?,
                    Cell::Hundredths(number) => {
                        sheet.write_number_with_format(line, column, *number as f64 / 100.0, &decimals)?
                    }
                    Cell::Text(text) => sheet.write_string(line, column, harmless(text))?,
                };
            }
        }
        Ok(book.save_to_buffer()?)
    }
}

impl Cell {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Count(number) => Cow::Owned(number.to_string()),
            Self::Hundredths(number) => Cow::Owned(format!("{:.2}", *number as f64 / 100.0)),
            Self::Text(text) => harmless(text),
        }
    }
}

/// Returns `text` so that no spreadsheet takes it for a formula.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if is_formula(text.trim_start_matches(TEXT_MARK)) {
        Cow::Owned(format!("{TEXT_MARK}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns the text that [`harmless`] was given.
pub fn original(text: &str) -> &str {
    match text.strip_prefix(TEXT_MARK) {
        Some(rest) if is_formula(rest.trim_start_matches(TEXT_MARK)) => rest,
        _ => text,
    }
}

fn is_formula(text: &str) -> bool {
    text.trim_start_matches(' ').starts_with(FORMULA_STARTS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::import;

    fn sheet(text: &str) -> Sheet {
        let row = vec![Cell::from(text), Cell::Count(-3), Cell::Hundredths(380), Cell::Empty];
        Sheet { name: "rooms", header: vec!["room", "seats", "gpa", "equipment"], rows: vec![row] }
    }

    #[test]
    fn formulas_are_written_as_text_and_numbers_as_numbers() {
        let text = String::from_utf8(sheet("=1+1").write(Form::Csv).unwrap()).unwrap();
        assert_eq!(text, "\u{feff}room,seats,gpa,equipment\r\n'=1+1,-3,3.80,\r\n");
    }

    #[test]
    fn both_forms_can_be_read_back() {
        for form in [Form::Csv, Form::Xlsx] {
            let bytes = sheet("-HYPERLINK(\"x\",\"y\")").write(form).unwrap();
            let tables = import::read(&format!("rooms.{}", form.ending()), &bytes).unwrap();
            let row = &tables[0].rows[0];
            assert_eq!(
                (original(row.cell(0)), row.cell(1), row.line),
                ("-HYPERLINK(\"x\",\"y\")", "-3", 2),
                "{form:?}"
            );
            assert!(row.cell(2).starts_with("3.8"), "{form:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_starts_like_a_formula_and_none_is_lost(text in "['=+@ \t\r\nx＝-]{0,5}") {
            let written = harmless(&text);
            prop_assert!(!is_formula(&written));
            prop_assert_eq!(original(&written), &text);
        }
    }
}
