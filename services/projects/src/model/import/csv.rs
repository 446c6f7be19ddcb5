//! Reads CSV as spreadsheets write it: RFC 4180, with or without a byte order mark, with comma, semicolon or tab.
//!
//! Why not the `csv` crate, which writes our exports: a refused row must name the line on which it starts, blank lines and
//! line breaks within quotes included, and a quote that is never closed must be found rather than swallow the rest.
//! A property test holds the two against each other on everything that is well formed.

use std::borrow::Cow;

use super::{
    COLUMNS_MAX, Problem,
    table::{Builder, Damage, Row, Table},
};

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the table of a CSV file.
pub fn read(file: &str, bytes: &[u8]) -> Result<Table, Problem> {
    let text = decode(file, bytes)?;
    let (text, first_line, announced) = separator_line(&text);
    let delimiter = announced.unwrap_or_else(|| delimiter(text));
    let mut table = Builder::new(file, None);
    for row in (Records { rest: text, line: first_line, delimiter }) {
        table.push(row)?;
    }
    Ok(table.finish())
}

/// Returns the text without its byte order mark. Excel's "Unicode text" is UTF-16, which always has one.
fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, Problem> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return Ok(Cow::Borrowed(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes))),
    };
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().skip(1).map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if odd.is_empty() => Ok(Cow::Owned(text.into_bytes())),
        _ => Err(Problem::NotText { file: file.to_owned() }),
    }
}

/// Takes off a first line `sep=;`, by which Excel is told the delimiter.
fn separator_line(text: &[u8]) -> (&[u8], u32, Option<u8>) {
    let Some([delimiter, after @ ..]) = text.strip_prefix(b"sep=") else {
        return (text, 1, None);
    };
    match after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")) {
        Some(rest) if DELIMITERS.contains(delimiter) => (rest, 2, Some(*delimiter)),
        _ => (text, 1, None),
    }
}

/// Returns the delimiter that the header uses most; a comma when it uses none.
fn delimiter(text: &[u8]) -> u8 {
    let mut counts = [0_u32; DELIMITERS.len()];
    let (mut quoted, mut started) = (false, false);
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted && started => break,
            byte if !quoted => {
                for (count, delimiter) in counts.iter_mut().zip(DELIMITERS) {
                    *count += u32::from(*byte == delimiter);
                }
            }
            _ => {}
        }
        started |= !byte.is_ascii_whitespace();
    }
    let best = counts.iter().zip(DELIMITERS).rev().max_by_key(|(count, _)| **count);
    best.map_or(b',', |(_, delimiter)| delimiter)
}

/// The records of a text, one after the other, blank ones included.
struct Records<'a> {
    rest: &'a [u8],
    line: u32,
    delimiter: u8,
}

/// Where the scanner stands within a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Plain,
    Quoted,
    /// After a quote within quotes: the end of the quoted part, or the first half of a doubled quote.
    Quote,
}

impl Iterator for Records<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.rest.is_empty() {
            return None;
        }
        let mut row = Row { line: self.line, ..Row::default() };
        let mut cell = Vec::new();
        let mut place = Place::Start;
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            place = match (place, byte) {
                (Place::Start, b'"') => Place::Quoted,
                (Place::Quoted, b'"') => Place::Quote,
                (Place::Quote, b'"') => {
                    cell.push(b'"');
                    Place::Quoted
                }
                (Place::Quoted, byte) => {
                    self.count_line(byte);
                    cell.push(byte);
                    Place::Quoted
                }
                (_, b'\r' | b'\n') => {
                    self.end_line(byte);
                    finish(&mut row, &mut cell);
                    return Some(row);
                }
                (_, byte) if byte == self.delimiter => {
                    finish(&mut row, &mut cell);
                    Place::Start
                }
                (_, byte) => {
                    cell.push(byte);
                    Place::Plain
                }
            };
        }
        finish(&mut row, &mut cell);
        if place == Place::Quoted {
            row.damage = Some((row.cells.len() - 1, Damage::UnclosedQuote));
        }
        Some(row)
    }
}

impl Records<'_> {
    /// Counts a line break within quotes: a line feed, or a carriage return that none follows.
    fn count_line(&mut self, byte: u8) {
        if byte == b'\n' || (byte == b'\r' && self.rest.first() != Some(&b'\n')) {
            self.line += 1;
        }
    }

    fn end_line(&mut self, byte: u8) {
        if byte == b'\r' {
            self.rest = self.rest.strip_prefix(b"\n").unwrap_or(self.rest);
        }
        self.line += 1;
    }
}

fn finish(row: &mut Row, cell: &mut Vec<u8>) {
    if row.cells.len() > COLUMNS_MAX {
        cell.clear();
        return;
    }
    let text = String::from_utf8(std::mem::take(cell)).unwrap_or_else(|error| {
        row.damage = row.damage.or(Some((row.cells.len(), Damage::InvalidUtf8)));
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    });
    row.cells.push(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> Vec<(u32, Vec<String>)> {
        let table = read("t.csv", text.as_bytes()).unwrap();
        let header = std::iter::once((0, table.header));
        header.chain(table.rows.into_iter().map(|row| (row.line, row.cells))).collect()
    }

    fn row(line: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn a_row_has_the_line_on_which_it_starts() {
        let text = "a,b\r\n1,\"x\r\ny\"\r\n\r\n,\r\n2,z\n3,\"\"\"q\"\"\"";
        let expected = [row(0, &["a", "b"]), row(2, &["1", "x\r\ny"]), row(6, &["2", "z"]), row(7, &["3", "\"q\""])];
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn the_delimiter_is_found_in_the_header_alone() {
        assert_eq!(lines("a;b\n1,5;2"), [row(0, &["a", "b"]), row(2, &["1,5", "2"])]);
        assert_eq!(lines("a\tb\n1\t2"), [row(0, &["a", "b"]), row(2, &["1", "2"])]);
        assert_eq!(lines("\"a;b;c\",d\n1,2"), [row(0, &["a;b;c", "d"]), row(2, &["1", "2"])]);
        assert_eq!(lines("sep=;\na,b;c\n1;2"), [row(0, &["a,b", "c"]), row(3, &["1", "2"])]);
        assert_eq!(lines("a\n1"), [row(0, &["a"]), row(2, &["1"])]);
    }

    #[test]
    fn marks_and_encodings_are_understood() {
        assert_eq!(lines("\u{feff}ກ,b\n1,2"), [row(0, &["ກ", "b"]), row(2, &["1", "2"])]);
        let wide: Vec<u8> = "\u{feff}ກ\tb\r\n1\t2".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let table = read("t.csv", &wide).unwrap();
        assert_eq!((table.header, table.rows.len()), (vec!["ກ".to_owned(), "b".to_owned()], 1));
        assert!(matches!(read("t.csv", b"a,\xff\n1,2"), Err(Problem::NotText { .. })));
    }

    #[test]
    fn damage_is_found_where_it_is() {
        let table = read("t.csv", b"a,b\n1,\xff\n2,\"open\n3,c").unwrap();
        let damage: Vec<_> = table.rows.iter().map(|row| (row.line, row.damage)).collect();
        assert_eq!(damage, [(2, Some((1, Damage::InvalidUtf8))), (3, Some((1, Damage::UnclosedQuote)))]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read("t.csv", &bytes);
        }

        #[test]
        fn text_with_many_marks_is_read_or_refused(text in "[a,;\"\r\n\t=\u{feff}]{0,80}") {
            let _ = read("t.csv", text.as_bytes());
        }

        #[test]
        fn what_the_csv_crate_writes_is_read_back(rows in proptest::collection::vec(
            proptest::collection::vec("[ab\"\r\n;\u{e9}]{0,6}", 3), 1..8)) {
            let mut writer = ::csv::Writer::from_writer(Vec::new());
            writer.write_record(["x", "y", "z"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let table = read("t.csv", &writer.into_inner().unwrap()).unwrap();
            let read: Vec<_> = table.rows.into_iter().map(|row| row.cells).collect();
            let wrote: Vec<_> = rows.into_iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
            prop_assert_eq!(read, wrote);
        }
    }
}
