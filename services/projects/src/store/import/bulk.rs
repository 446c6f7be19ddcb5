//! Inserts of many rows in one statement. Their texts are made when the program is built, as every statement's is.

use storage::{Result, Statement, Tx, Value};

/// Rows of one statement.
pub(super) const ROWS: usize = 64;
/// Statements that are sent together.
const STATEMENTS_AT_ONCE: usize = 16;

/// An insert: what comes before and after the rows, and how many columns a row has beside the tenant.
pub(super) struct Insert {
    pub(super) head: &'static str,
    pub(super) columns: usize,
    pub(super) tail: &'static str,
}

impl Insert {
    /// Returns how long the text for `rows` rows is.
    pub(super) const fn length(&self, rows: usize) -> usize {
        let mut length = self.head.len() + self.tail.len();
        let mut parameter = 2;
        let mut row = 0;
        while row < rows {
            // `($1` and `)`, and the comma between rows.
            length += if row == 0 { 4 } else { 5 };
            let mut column = 0;
            while column < self.columns {
                length += 2 + digits(parameter);
                parameter += 1;
                column += 1;
            }
            row += 1;
        }
        length
    }

    /// Returns the text for `rows` rows.
    #[expect(
        clippy::indexing_slicing,
        reason = "runs while the program is built, where an index out of bounds is an error"
    )]
    pub(super) const fn text<const LENGTH: usize>(&self, rows: usize) -> [u8; LENGTH] {
        let mut text = [b' '; LENGTH];
        let mut at = copy(&mut text, 0, self.head.as_bytes());
        let mut parameter = 2;
        let mut row = 0;
        while row < rows {
            at = copy(&mut text, at, if row == 0 { b"($1" } else { b",($1" });
            let mut column = 0;
            while column < self.columns {
                at = copy(&mut text, at, b",$");
                let width = digits(parameter);
                let mut left = parameter;
                let mut place = width;
                while place > 0 {
                    place -= 1;
                    text[at + place] = b'0' + (left % 10) as u8;
                    left /= 10;
                }
                at += width;
                parameter += 1;
                column += 1;
            }
            at = copy(&mut text, at, b")");
            row += 1;
        }
        copy(&mut text, at, self.tail.as_bytes());
        text
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "runs while the program is built, where an index out of bounds is an error"
)]
const fn copy(text: &mut [u8], at: usize, part: &[u8]) -> usize {
    let mut index = 0;
    while index < part.len() {
        text[at + index] = part[index];
        index += 1;
    }
    at + part.len()
}

const fn digits(mut number: usize) -> usize {
    let mut digits = 1;
    while number >= 10 {
        number /= 10;
        digits += 1;
    }
    digits
}

/// Makes the text of an [`Insert`] constant for a number of rows.
macro_rules! insert_text {
    ($insert:expr, $rows:expr) => {{
        const LENGTH: usize = $insert.length($rows);
        const TEXT: [u8; LENGTH] = $insert.text::<LENGTH>($rows);
        match std::str::from_utf8(&TEXT) {
            Ok(text) => text,
            Err(_) => "",
        }
    }};
}
pub(super) use insert_text;

/// Runs an insert over all `rows`: `many` for as many as fill it, `one` for the rest. Says after each batch how many are done.
pub(super) async fn insert(
    tx: &mut Tx,
    one: &'static Statement,
    many: &'static Statement,
    rows: &[Vec<Value<'_>>],
    done: &(dyn Fn(usize) + Send + Sync),
) -> Result<()> {
    for batch in rows.chunks(ROWS * STATEMENTS_AT_ONCE) {
        let (full, rest) = batch.as_chunks::<ROWS>();
        if !full.is_empty() {
            let bound: Vec<_> = full.iter().map(|rows| rows.concat()).collect();
            tx.execute_many(many, &bound).await?;
        }
        if !rest.is_empty() {
            tx.execute_many(one, rest).await?;
        }
        done(batch.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSERT: Insert = Insert { head: "INSERT INTO t VALUES ", columns: 5, tail: " RETURNING 1" };

    #[test]
    fn parameters_are_numbered_through() {
        let text: &str = insert_text!(INSERT, 2);
        assert_eq!(text, "INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6),($1,$7,$8,$9,$10,$11) RETURNING 1");
    }
}
