//! Migrations: numbered portable SQL, applied in order to every shard, each in one transaction, never changed afterwards.
//!
//! Expand and contract: a migration adds (expand) in one version what a later version may take away (contract), so that
//! nodes of two versions run side by side.

use crate::{Error, Statement, Versioned};

/// A set of tables that migrates as one: a service's own, or a platform room's.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// Stable name.
    pub name: &'static str,
    /// The migrations in order.
    pub migrations: &'static [Migration],
    /// The statements over its tables, a list per store file.
    pub statements: &'static [&'static [&'static Statement]],
    /// The groups of tables whose changes are counted.
    pub versioned: &'static [Versioned],
}

/// One step of a schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number, from 1.
    pub version: i64,
    /// Its file's name.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

impl Schema {
    /// Returns the same schema with its statement catalogue.
    #[must_use]
    pub const fn with_statements(mut self, statements: &'static [&'static [&'static Statement]]) -> Self {
        self.statements = statements;
        self
    }

    /// Returns the same schema, which counts the changes of these groups of tables.
    #[must_use]
    pub const fn with_versioned(mut self, versioned: &'static [Versioned]) -> Self {
        self.versioned = versioned;
        self
    }
}

impl Migration {
    /// Returns a digest of the text without its comments and spacing, by which a changed migration is found out.
    pub(crate) fn checksum(&self) -> String {
        let text: String = split(self.sql).join(";").split_whitespace().collect::<Vec<_>>().join(" ");
        // FNV-1a, 64 bits: against mistakes, not against attackers.
        let hash = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{hash:016x}")
    }
}

/// Declares a schema from files of the crate's `migrations/` folder.
///
/// ```text
/// pub static SCHEMA: Schema = schema!("identity", ["0001_first.sql"]).with_statements(CATALOGUE);
/// static CATALOGUE: &[&[&Statement]] = &[store::person::STATEMENTS, store::session::STATEMENTS];
/// ```
#[macro_export]
macro_rules! schema {
    ($name:literal, [$($file:literal),+ $(,)?]) => {
        $crate::Schema {
            name: $name,
            migrations: &[$($crate::Migration {
                version: $crate::migrate::version($file),
                name: $file,
                sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $file)),
            }),+],
            statements: &[],
            versioned: &[],
        }
    };
}

/// Returns the number that a migration's file name begins with.
pub const fn version(file: &str) -> i64 {
    let bytes = file.as_bytes();
    let mut number = 0;
    let mut index = 0;
    while index < bytes.len() {
        #[expect(clippy::indexing_slicing, reason = "the loop's condition bounds the index")]
        let byte = bytes[index];
        if !byte.is_ascii_digit() {
            break;
        }
        number = number * 10 + (byte - b'0') as i64;
        index += 1;
    }
    number
}

/// Returns how many migrations there are: what a database lacks that is not there.
pub(crate) fn count(schemas: &[Schema]) -> usize {
    schemas.iter().map(|schema| schema.migrations.len()).sum()
}

/// Name of the table of what was applied.
pub(crate) const RECORD: &str = "schema_migration";
pub(crate) const CREATE_RECORD: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    schema TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL,
    PRIMARY KEY (schema, version))";

/// What the database remembers of a migration.
pub(crate) struct Applied {
    pub(crate) name: String,
    pub(crate) checksum: String,
}

impl Applied {
    pub(crate) fn matches(&self, migration: &Migration) -> bool {
        self.name == migration.name && self.checksum == migration.checksum()
    }
}

pub(crate) fn changed(schema: &Schema, migration: &Migration) -> Error {
    let problem =
        "differs from the one that was applied; add a new migration instead of changing an old one".to_owned();
    Error::Migration { schema: schema.name, version: migration.version, problem }
}

pub(crate) fn failed(schema: &Schema, migration: &Migration, error: &dyn std::error::Error) -> Error {
    Error::Migration { schema: schema.name, version: migration.version, problem: format!("failed: {error}") }
}

/// Splits SQL at its semicolons, without comments. Migrations hold no semicolon inside a text.
pub(crate) fn split(sql: &str) -> Vec<String> {
    let bare: Vec<&str> = sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code)).collect();
    bare.join("\n").split(';').map(|statement| statement.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// Replaces whole words.
pub(crate) fn replace_words(sql: String, words: &[(&str, &str)]) -> String {
    let mut sql = sql;
    for (from, to) in words {
        let mut rest = sql.as_str();
        let mut replaced = String::with_capacity(sql.len());
        while let Some(at) = rest.find(from) {
            let (before, found) = rest.split_at(at);
            let after = found.get(from.len()..).unwrap_or_default();
            let is_name = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            let whole = !is_name(before.chars().next_back()) && !is_name(after.chars().next());
            replaced.push_str(before);
            replaced.push_str(if whole { to } else { from });
            rest = after;
        }
        replaced.push_str(rest);
        sql = replaced;
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_spacing_do_not_change_a_migration() {
        let one = Migration { version: 1, name: "a", sql: "CREATE TABLE a (b TEXT); -- why" };
        let two = Migration { version: 1, name: "a", sql: "CREATE TABLE a\n  (b TEXT);" };
        assert_eq!(one.checksum(), two.checksum());
    }

    #[test]
    fn a_version_is_the_number_in_front() {
        assert_eq!(version("0012_add_rooms.sql"), 12);
    }

    #[test]
    fn only_whole_words_are_replaced() {
        assert_eq!(replace_words("BLOB BLOBS a_BLOB".to_owned(), &[("BLOB", "BYTEA")]), "BYTEA BLOBS a_BLOB");
    }
}
