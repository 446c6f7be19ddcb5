//! Versions of groups of tables, by tenant: whoever keeps what it read from them asks whether it still stands.
//!
//! The catalogue says which tables a statement writes, so that nothing that goes through it can be forgotten. A version is
//! counted up last in the unit that wrote, and read before what it stands for: what is kept may be newer than its version
//! and is never older.

use crate::{Kind, Result, Statement, Tx, params, statements};

/// A group of tables whose changes are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versioned {
    /// Stable name, unique within a database.
    pub name: &'static str,
    /// The tables.
    pub tables: &'static [&'static str],
}

/// Most groups of one database.
pub(crate) const GROUPS_MAX: usize = 32;

statements! {
    /// Reads a version.
    READ: read [table_version] = "SELECT version FROM table_version WHERE tenant_id = $1 AND name = $2";
    /// Counts a version up.
    COUNT_UP: write [table_version] = "INSERT INTO table_version (tenant_id, name, version) VALUES ($1, $2, 1)
        ON CONFLICT (tenant_id, name) DO UPDATE SET version = table_version.version + 1";
}

/// Which groups a unit has written to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Touched(u32);

impl Touched {
    /// Notes what `statement` writes.
    pub(crate) fn note(&mut self, groups: &[Versioned], statement: &Statement) {
        if statement.kind != Kind::Write {
            return;
        }
        for (place, group) in groups.iter().enumerate() {
            if statement.tables.iter().any(|table| group.tables.contains(table)) {
                self.0 |= 1 << place;
            }
        }
    }

    /// Returns the groups, always in the same order, so that no two units wait for each other.
    fn of(self, groups: &[Versioned]) -> impl Iterator<Item = &Versioned> {
        groups.iter().enumerate().filter(move |(place, _)| self.0 & 1 << place != 0).map(|(_, group)| group)
    }
}

impl Tx {
    /// Returns the version of a group of tables; 0 before the first change. What is read after it is at least as new.
    pub async fn version(&mut self, group: &Versioned) -> Result<i64> {
        let found: Option<(i64,)> = self.fetch_optional(&READ, params![group.name]).await?;
        Ok(found.map_or(0, |(version,)| version))
    }

    /// Counts up the versions of what this unit wrote.
    pub(crate) async fn count_up(&mut self) -> Result<()> {
        let groups = self.groups();
        for group in self.touched().of(&groups) {
            self.execute(&COUNT_UP, params![group.name]).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: [Versioned; 2] =
        [Versioned { name: "lists", tables: &["price", "person"] }, Versioned { name: "people", tables: &["person"] }];

    fn touched(kind: Kind, tables: &'static [&'static str]) -> Vec<&'static str> {
        let mut touched = Touched::default();
        touched.note(&GROUPS, &Statement::new("test", kind, tables, ""));
        touched.of(&GROUPS).map(|group| group.name).collect()
    }

    #[test]
    fn a_statement_touches_the_groups_of_the_tables_that_it_writes() {
        assert_eq!(touched(Kind::Write, &["price"]), ["lists"]);
        assert_eq!(touched(Kind::Write, &["outbox", "person"]), ["lists", "people"]);
        assert_eq!(touched(Kind::Write, &["outbox"]), [""; 0]);
        assert_eq!(touched(Kind::Read, &["price"]), [""; 0]);
    }
}
