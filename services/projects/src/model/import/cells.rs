//! Takes the cells of one row, each as what its column means, and notes what is wrong with them.

use std::ops::RangeInclusive;

use base::{Timestamp, text};
use jiff::{civil, tz::TimeZone};

use super::{Kind, Reason, Row};
use crate::model::export::original;

/// Most characters of an e-mail address (RFC 5321, 4.5.3.1.3).
pub const EMAIL_CHARS_MAX: usize = 254;
/// Most characters of its part before the sign (RFC 5321, 4.5.3.1.1).
const EMAIL_LOCAL_CHARS_MAX: usize = 64;
/// Most items of a cell that is a list.
const LIST_ITEMS_MAX: usize = 50;

/// The cells of a row by the names of its kind's columns.
pub struct Cells<'a> {
    kind: Kind,
    /// Where each of the kind's columns stands in the row.
    positions: &'a [Option<usize>],
    row: &'a Row,
    /// What is wrong so far.
    pub refused: Vec<(&'static str, Reason)>,
}

impl<'a> Cells<'a> {
    /// Starts on a row; `positions` are those of [`super::Mapping::positions`].
    pub fn new(kind: Kind, positions: &'a [Option<usize>], row: &'a Row) -> Self {
        Self { kind, positions, row, refused: Vec::new() }
    }

    /// Notes that a column is wrong.
    pub fn refuse(&mut self, column: &'static str, reason: Reason) {
        self.refused.push((column, reason));
    }

    /// Takes a line of text that must say something.
    pub fn line(&mut self, column: &'static str, chars_max: usize) -> Option<String> {
        let line = text::line(self.raw(column), chars_max);
        self.keep(column, line.map_err(Reason::from))
    }

    /// Takes a line of text that may be empty.
    pub fn optional_line(&mut self, column: &'static str, chars_max: usize) -> Option<String> {
        if self.raw(column).trim().is_empty() {
            return Some(String::new());
        }
        self.line(column, chars_max)
    }

    /// Takes a whole number.
    pub fn count(&mut self, column: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let count = whole(self.raw(column), range);
        self.keep(column, count)
    }

    /// Takes a whole number, or `otherwise` when the cell is empty.
    pub fn count_or(&mut self, column: &'static str, range: RangeInclusive<u32>, otherwise: u32) -> Option<u32> {
        if self.raw(column).trim().is_empty() {
            return Some(otherwise);
        }
        self.count(column, range)
    }

    /// Takes a decimal number in hundredths, up to `max`; `Some(None)` when the cell is empty.
    pub fn hundredths(&mut self, column: &'static str, max: u32) -> Option<Option<u32>> {
        let cell = self.raw(column).trim();
        if cell.is_empty() {
            return Some(None);
        }
        let number = hundredths(cell, max);
        self.keep(column, number).map(Some)
    }

    /// Takes an e-mail address.
    pub fn email(&mut self, column: &'static str) -> Option<String> {
        let email = match text::line(self.raw(column), EMAIL_CHARS_MAX) {
            Ok(email) if is_email(&email) => Ok(email),
            Ok(_) => Err(Reason::InvalidEmail),
            Err(refused) => Err(Reason::from(refused)),
        };
        self.keep(column, email)
    }

    /// Takes a list whose items are separated by `|`. Items are trimmed; empty ones and repetitions are left out.
    pub fn list(&mut self, column: &'static str, chars_max: usize) -> Option<Vec<String>> {
        let mut items: Vec<String> = Vec::new();
        for item in self.raw(column).split('|').filter(|item| !item.trim().is_empty()) {
            let item = text::line(item, chars_max).map_err(Reason::from);
            let item = self.keep(column, item)?;
            if items.len() == LIST_ITEMS_MAX {
                self.refuse(column, Reason::TooLong);
                return None;
            }
            if !items.contains(&item) {
                items.push(item);
            }
        }
        Some(items)
    }

    /// Takes a day and time; without an offset it is meant in `zone`.
    pub fn instant(&mut self, column: &'static str, zone: &TimeZone) -> Option<Timestamp> {
        let instant = match self.raw(column).trim() {
            "" => Err(Reason::Blank),
            cell => instant(cell, zone).ok_or(Reason::NotATime),
        };
        self.keep(column, instant)
    }

    fn raw(&self, column: &'static str) -> &'a str {
        let index = self.kind.columns().iter().position(|known| known.name == column);
        let position = index.and_then(|index| self.positions.get(index).copied().flatten());
        // A file that we exported may come back, with its texts made harmless.
        position.map_or("", |position| original(self.row.cell(position)))
    }

    fn keep<T>(&mut self, column: &'static str, outcome: Result<T, Reason>) -> Option<T> {
        outcome.map_err(|reason| self.refuse(column, reason)).ok()
    }
}

impl From<text::Refused> for Reason {
    fn from(refused: text::Refused) -> Self {
        match refused {
            text::Refused::Blank => Self::Blank,
            text::Refused::TooLong => Self::TooLong,
            text::Refused::ControlCharacter => Self::ControlCharacter,
        }
    }
}

/// Splits a number into its sign and digits; Excel writes a whole number with or without `.0`.
fn whole(cell: &str, range: RangeInclusive<u32>) -> Result<u32, Reason> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Err(Reason::Blank);
    }
    let (negative, digits) = sign(cell);
    let digits = digits.strip_suffix(".0").unwrap_or(digits);
    let number = digits_of(digits).ok_or(Reason::NotANumber)?;
    in_range(negative, number, range)
}

/// Reads a decimal number in hundredths, up to `max`.
pub fn hundredths(cell: &str, max: u32) -> Result<u32, Reason> {
    let (negative, digits) = sign(cell);
    let (before, after) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    let (before, after) = (if before.is_empty() { "0" } else { before }, if after.is_empty() { "0" } else { after });
    let whole = digits_of(before).ok_or(Reason::NotANumber)?;
    digits_of(after).ok_or(Reason::NotANumber)?;
    let thousandths = after.bytes().chain(std::iter::repeat(b'0')).take(3);
    let thousandths = thousandths.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    let number = whole.saturating_mul(100).saturating_add((thousandths + 5) / 10);
    in_range(negative, number, 0..=max)
}

fn sign(cell: &str) -> (bool, &str) {
    let minus = cell.strip_prefix('-').or_else(|| cell.strip_prefix('\u{2212}'));
    minus.map_or_else(|| (false, cell.strip_prefix('+').unwrap_or(cell)), |digits| (true, digits))
}

/// Returns the number that ASCII digits write; too many digits are the largest number there is.
fn digits_of(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

fn in_range(negative: bool, number: u64, range: RangeInclusive<u32>) -> Result<u32, Reason> {
    if negative && number > 0 {
        return Err(Reason::Negative);
    }
    u32::try_from(number).ok().filter(|number| range.contains(number)).ok_or(Reason::OutOfRange)
}

/// Accepts what a mail system could deliver: a local part, the sign, and a domain of two labels or more.
/// Letters of every script are allowed (RFC 6531); quoted local parts are not.
pub fn is_email(email: &str) -> bool {
    let Some((local, domain)) = email.rsplit_once('@') else { return false };
    let letter = |c: char| c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !is_invisible(c));
    let local_fits = local.chars().all(|c| letter(c) || "!#$%&'*+-/=?^_`{|}~.".contains(c))
        && (1..=EMAIL_LOCAL_CHARS_MAX).contains(&local.chars().count())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let label_fits = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| letter(c) || c == '-')
    };
    local_fits && domain.contains('.') && domain.split('.').all(label_fits)
}

/// Returns true for characters that make two addresses look alike: spaces without width, and marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn instant(cell: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(instant) = cell.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_micros(instant.as_microsecond()));
    }
    let civil: civil::DateTime = cell.parse().ok()?;
    let instant = zone.to_timestamp(civil).ok()?;
    Some(Timestamp::from_micros(instant.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_say_what_is_wrong_with_them() {
        let check = |cell: &str| whole(cell, 1..=100);
        assert_eq!(check(" 7 "), Ok(7));
        assert_eq!(check("7.0"), Ok(7));
        assert_eq!(check("-2"), Err(Reason::Negative));
        assert_eq!(check("0"), Err(Reason::OutOfRange));
        assert_eq!(check("99999999999999999999999"), Err(Reason::OutOfRange));
        assert_eq!(check("five"), Err(Reason::NotANumber));
        assert_eq!(check("7.5"), Err(Reason::NotANumber));
        assert_eq!(check(""), Err(Reason::Blank));
        assert_eq!(check("-"), Err(Reason::NotANumber));
    }

    #[test]
    fn grades_are_kept_in_hundredths() {
        let check = |cell: &str| hundredths(cell, 400);
        assert_eq!(check("3.8"), Ok(380));
        assert_eq!(check("3,82"), Ok(382));
        assert_eq!(check("3.7999999999999998"), Ok(380));
        assert_eq!(check("4"), Ok(400));
        assert_eq!(check("5.90"), Err(Reason::OutOfRange));
        assert_eq!(check("-1"), Err(Reason::Negative));
        assert_eq!(check("1.2.3"), Err(Reason::NotANumber));
        assert_eq!(check("1e3"), Err(Reason::NotANumber));
    }

    #[test]
    fn addresses_are_those_that_mail_can_reach() {
        for good in ["a@b.c", "o'brien+fp@students.uni.example", "søren@uni.example", "ສົມພອນ@uni.example"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "not-an-email",
            "@uni.example",
            "a@",
            "a@uni",
            "a b@uni.example",
            "a@uni..example",
            "a@@b.c",
            ".a@b.c",
            "a\u{200b}@b.c",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn times_without_offset_are_in_the_universitys_zone() {
        let zone = TimeZone::get("Asia/Vientiane").unwrap();
        let expected = "2027-06-01T02:00:00Z".parse().ok();
        for cell in ["2027-06-01T09:00", "2027-06-01 09:00", "2027-06-01T09:00:00", "2027-06-01T09:00:00+07:00"] {
            assert_eq!(instant(cell, &zone), expected, "{cell}");
        }
        assert_eq!(instant("tomorrow", &zone), None);
        assert_eq!(instant("2027-06-31T09:00", &zone), None);
    }
}
