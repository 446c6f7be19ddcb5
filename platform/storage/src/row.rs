//! One row of an answer, read column by column, whichever engine it came from.

use base::Column;

use crate::{Error, Result, postgres, sqlite, statement::Statement};

/// A row being read from left to right.
pub struct Row<'a> {
    source: Source<'a>,
    statement: &'static Statement,
    next: usize,
}

enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    pub(crate) fn sqlite(row: &'a rusqlite::Row<'a>, statement: &'static Statement) -> Self {
        Self { source: Source::Sqlite(row), statement, next: 0 }
    }

    pub(crate) fn postgres(row: &'a tokio_postgres::Row, statement: &'static Statement) -> Self {
        Self { source: Source::Postgres(row), statement, next: 0 }
    }

    /// Reads the next column.
    pub fn take<T: Column>(&mut self) -> Result<T> {
        let column = self.next;
        self.next += 1;
        let value = match self.source {
            Source::Sqlite(row) => sqlite::column(row, column),
            Source::Postgres(row) => postgres::column(row, column),
        };
        value.and_then(T::from_value).ok_or(Error::Decode { statement: self.statement.id, column })
    }

    /// Reads the next column as text and parses it; for enums that are kept as words.
    pub fn parse<T: std::str::FromStr>(&mut self) -> Result<T> {
        let column = self.next;
        let text: String = self.take()?;
        text.parse().map_err(|_| Error::Decode { statement: self.statement.id, column })
    }
}

/// What a row can be read as: a struct with a field per column, in order.
pub trait Decode: Sized {
    /// Reads the columns from left to right.
    fn decode(row: &mut Row<'_>) -> Result<Self>;
}

macro_rules! tuple {
    ($($name:ident),+) => {
        impl<$($name: Column),+> Decode for ($($name,)+) {
            fn decode(row: &mut Row<'_>) -> Result<Self> {
                Ok(($(row.take::<$name>()?,)+))
            }
        }
    };
}
tuple!(A);
tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
