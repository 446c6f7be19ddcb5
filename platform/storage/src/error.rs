//! What can go wrong in storage, the same on both engines.

use base::{Code, Fault};

/// What storage functions return.
pub type Result<T> = std::result::Result<T, Error>;

base::error_codes! {
    /// The database is away or overloaded.
    UNAVAILABLE = "STO-001", Unavailable;
    /// Our fault: a statement failed in a way that no input should cause.
    BROKEN = "STO-002", Internal;
    /// Something with this name or number exists.
    DUPLICATE = "STO-003", Conflict;
    /// The idempotency key was used for another request.
    KEY_REUSED = "STO-004", Invalid;
    /// Migrations are pending.
    PENDING_MIGRATIONS = "STO-005", Unavailable;
    /// No such tenant.
    UNKNOWN_TENANT = "STO-006", NotFound;
    /// Somebody else changed the same thing at the same moment.
    CONTENDED = "STO-007", Conflict;
}

/// What can go wrong in storage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with these values exists; `constraint` reads `table(column,column)`, without the tenant.
    #[error("a row with the same `{constraint}` exists")]
    Unique {
        /// Table and columns, the same text on both engines.
        constraint: String,
    },
    /// A row refers to one that does not exist, or one that is referred to was to be deleted.
    #[error("a reference to a missing row")]
    Reference,
    /// [`Tx::fetch_one`](crate::Tx::fetch_one) found nothing.
    #[error("`{statement}` returned no row")]
    Missing {
        /// Id of the statement.
        statement: &'static str,
    },
    /// A column is not of the type asked for.
    #[error("column {column} of `{statement}` is of another type than read")]
    Decode {
        /// Id of the statement.
        statement: &'static str,
        /// The column, from 0.
        column: usize,
    },
    /// More rows than [`ROWS_MAX`](crate::ROWS_MAX).
    #[error("`{statement}` returned too many rows")]
    TooManyRows {
        /// Id of the statement.
        statement: &'static str,
    },
    /// The bucket has moved to another shard since the map was read.
    #[error("the shard map of epoch {epoch} is out of date")]
    StaleEpoch {
        /// The epoch that the writer believed.
        epoch: i64,
    },
    /// Another transaction was in the way; the same request may be tried again.
    #[error("another transaction changed the same rows")]
    Contended,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// No such tenant.
    #[error("no tenant `{0}`")]
    UnknownTenant(String),
    /// The unit of work awaited something other than its transaction, or wrote where it may only read.
    #[error("a unit of work {0}")]
    Misuse(&'static str),
    /// Migrations are pending and the settings say not to apply them.
    #[error("{} pending in `{database}` of shard `{shard}`", migrations_are(*count))]
    Pending {
        /// How many.
        count: usize,
        /// The service's database.
        database: String,
        /// The shard.
        shard: String,
    },
    /// A migration failed, or one that was applied has changed since.
    #[error("migration {version} of `{schema}` {problem}")]
    Migration {
        /// The schema.
        schema: &'static str,
        /// The migration.
        version: i64,
        /// What is wrong with it.
        problem: String,
    },
    /// A setting of storage is wrong.
    #[error("storage setting: {0}")]
    Settings(String),
    /// The database is away or overloaded.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// The engine refused a statement.
    #[error("`{statement}` failed")]
    Engine {
        /// Id of the statement, or what was being done.
        statement: &'static str,
        /// The engine's error.
        #[source]
        source: Source,
    },
}

fn migrations_are(count: usize) -> String {
    if count == 1 { "1 migration is".to_owned() } else { format!("{count} migrations are") }
}

/// An engine's own error.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unavailable(_) | Self::StaleEpoch { .. } => &UNAVAILABLE,
            Self::Unique { .. } => &DUPLICATE,
            Self::KeyReused => &KEY_REUSED,
            Self::Pending { .. } => &PENDING_MIGRATIONS,
            Self::UnknownTenant(_) => &UNKNOWN_TENANT,
            Self::Contended => &CONTENDED,
            Self::Reference
            | Self::Missing { .. }
            | Self::Decode { .. }
            | Self::TooManyRows { .. }
            | Self::Misuse(_)
            | Self::Migration { .. }
            | Self::Settings(_)
            | Self::Engine { .. } => &BROKEN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_migration_is_pending_and_two_are() {
        let pending =
            |count| Error::Pending { count, database: "files".to_owned(), shard: "shard-0".to_owned() }.to_string();
        assert_eq!(pending(1), "1 migration is pending in `files` of shard `shard-0`");
        assert_eq!(pending(2), "2 migrations are pending in `files` of shard `shard-0`");
    }
}
