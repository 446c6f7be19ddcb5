//! The statement catalogue: each statement is a static item with a stable id, its tables and its own statistics.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What a statement does, which decides where it may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads rows of one tenant.
    Read,
    /// Reads rows of one tenant and may walk all of them; for the rare statement that must.
    Scan,
    /// Changes rows of one tenant.
    Write,
    /// Belongs to the machine and not to a tenant: no `$1` is bound. Runs only in [`Database::system`](crate::Database::system).
    System,
}

/// One SQL statement in the portable subset. Made by [`statements!`](crate::statements).
pub struct Statement {
    /// Stable id: module path and name.
    pub id: &'static str,
    /// The text with `$1` parameters; `$1` is the tenant.
    pub sql: &'static str,
    /// The tables it reads or writes.
    pub tables: &'static [&'static str],
    /// What it does.
    pub kind: Kind,
    sqlite: OnceLock<String>,
    statistics: Statistics,
}

/// What one statement has cost since the process started.
#[derive(Default)]
struct Statistics {
    calls: AtomicU64,
    errors: AtomicU64,
    rows: AtomicU64,
    nanos: AtomicU64,
    nanos_max: AtomicU64,
}

/// A reading of a statement's statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Times it ran.
    pub calls: u64,
    /// Times it failed.
    pub errors: u64,
    /// Rows it returned or changed.
    pub rows: u64,
    /// Time it took in all.
    pub time_total: Duration,
    /// Time of the slowest run.
    pub time_max: Duration,
}

/// How an engine means to run a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The engine's own words.
    pub text: String,
    /// Whether some table is walked from end to end.
    pub full_scan: bool,
}

impl Statement {
    /// Returns a statement; use [`statements!`](crate::statements) instead.
    pub const fn new(id: &'static str, kind: Kind, tables: &'static [&'static str], sql: &'static str) -> Self {
        let statistics = Statistics {
            calls: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            rows: AtomicU64::new(0),
            nanos: AtomicU64::new(0),
            nanos_max: AtomicU64::new(0),
        };
        Self { id, sql, tables, kind, sqlite: OnceLock::new(), statistics }
    }

    /// Returns the text for SQLite, which counts `$1` by order of appearance but `?1` by its number.
    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| crate::sqlite::dialect::query(self.sql))
    }

    /// Adds one run to the statistics.
    pub(crate) fn observe(&self, time: Duration, rows: Option<u64>) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let statistics = &self.statistics;
        statistics.calls.fetch_add(1, Ordering::Relaxed);
        statistics.nanos.fetch_add(nanos, Ordering::Relaxed);
        if nanos > statistics.nanos_max.load(Ordering::Relaxed) {
            statistics.nanos_max.fetch_max(nanos, Ordering::Relaxed);
        }
        match rows {
            Some(rows) => statistics.rows.fetch_add(rows, Ordering::Relaxed),
            None => statistics.errors.fetch_add(1, Ordering::Relaxed),
        };
    }

    /// Returns what it has cost since the process started.
    pub fn usage(&self) -> Usage {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Usage {
            calls: read(&self.statistics.calls),
            errors: read(&self.statistics.errors),
            rows: read(&self.statistics.rows),
            time_total: Duration::from_nanos(read(&self.statistics.nanos)),
            time_max: Duration::from_nanos(read(&self.statistics.nanos_max)),
        }
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// Declares the statements of a store file, and lists them as `STATEMENTS`.
///
/// ```text
/// statements! {
///     /// Finds one person.
///     FIND: read [person] = "SELECT id, name FROM person WHERE tenant_id = $1 AND id = $2";
/// }
/// ```
/// The kinds are `read`, `scan`, `write` and `system` ([`Kind`]).
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident: $kind:ident [$($table:ident),*] = $sql:expr;)*) => {
        $(
            $(#[$meta])*
            pub(crate) static $name: $crate::Statement = $crate::Statement::new(
                concat!(module_path!(), "::", stringify!($name)),
                $crate::statement_kind!($kind),
                &[$(stringify!($table)),*],
                $sql,
            );
        )*
        /// Every statement of this file.
        pub(crate) static STATEMENTS: &[&$crate::Statement] = &[$(&$name),*];
    };
}

/// Turns the word of [`statements!`](crate::statements) into a [`Kind`].
#[doc(hidden)]
#[macro_export]
macro_rules! statement_kind {
    (read) => {
        $crate::Kind::Read
    };
    (scan) => {
        $crate::Kind::Scan
    };
    (write) => {
        $crate::Kind::Write
    };
    (system) => {
        $crate::Kind::System
    };
}
