//! Brings a SQLite file to the present shape.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use base::Timestamp;

use super::{connect, dialect, error};
use crate::{
    Error, Result,
    migrate::{Applied, CREATE_RECORD, Migration, RECORD, Schema, changed, count, failed},
};

/// Counts the migrations that the file lacks, and refuses when an applied one has changed. Where there is no file, or one
/// without tables, it stays so.
pub(crate) fn pending(path: &Path, schemas: &[Schema]) -> Result<usize> {
    if !path.try_exists().map_err(|error| Error::Unavailable(Box::new(error)))? {
        return Ok(count(schemas));
    }
    let connection = connect(path, true)?;
    if !connection.table_exists(None, RECORD).map_err(|e| error("migration", e))? {
        return Ok(count(schemas));
    }
    let mut pending = 0;
    for schema in schemas {
        for migration in schema.migrations {
            if !is_applied(&connection, schema, migration)? {
                pending += 1;
            }
        }
    }
    Ok(pending)
}

/// Applies what the file lacks, each migration in its own transaction.
pub(crate) fn apply(path: &Path, schemas: &[Schema], now: Timestamp) -> Result<usize> {
    let mut connection = connect(path, false)?;
    record(&connection)?;
    let mut applied = 0;
    for schema in schemas {
        for migration in schema.migrations {
            applied += usize::from(apply_one(&mut connection, schema, migration, now)?);
        }
    }
    Ok(applied)
}

fn apply_one(connection: &mut Connection, schema: &Schema, migration: &Migration, now: Timestamp) -> Result<bool> {
    let statement = "migration";
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| error(statement, e))?;
    // Looked up inside the transaction: another process may have applied it while this one waited.
    if is_applied(&transaction, schema, migration)? {
        return Ok(false);
    }
    transaction.execute_batch(&dialect::migration(migration.sql)).map_err(|e| failed(schema, migration, &e))?;
    transaction
        .execute(
            "INSERT INTO schema_migration (schema, version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![schema.name, migration.version, migration.name, migration.checksum(), now.as_micros()],
        )
        .map_err(|e| error(statement, e))?;
    transaction.commit().map_err(|e| error(statement, e))?;
    Ok(true)
}

fn record(connection: &Connection) -> Result<()> {
    connection.execute_batch(&dialect::migration(CREATE_RECORD)).map_err(|e| error("migration", e))
}

fn is_applied(connection: &Connection, schema: &Schema, migration: &Migration) -> Result<bool> {
    let applied: Option<Applied> = connection
        .query_row(
            "SELECT name, checksum FROM schema_migration WHERE schema = ?1 AND version = ?2",
            params![schema.name, migration.version],
            |row| Ok(Applied { name: row.get(0)?, checksum: row.get(1)? }),
        )
        .optional()
        .map_err(|e| error("migration", e))?;
    match applied {
        None => Ok(false),
        Some(applied) if applied.matches(migration) => Ok(true),
        Some(_) => Err(changed(schema, migration)),
    }
}
