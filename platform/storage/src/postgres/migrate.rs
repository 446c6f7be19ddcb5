//! Brings a PostgreSQL schema to the present shape, and puts row-level security on every table with a tenant.

use tokio_postgres::{Client, GenericClient};

use base::Timestamp;
use runtime::tasks::{OnError, TaskKind};

use super::{Target, Uniques};
use crate::{
    Error, Result,
    migrate::{Applied, CREATE_RECORD, Migration, RECORD, Schema, changed, count, failed, replace_words, split},
};

const CONNECTION_TASK: TaskKind = TaskKind::new("postgres-migration", OnError::Log);
/// Held while migrating, so that two nodes that start together take turns.
const MIGRATION_LOCK: i64 = 7300;

/// Fences each table to the session's tenant. The setting is read once per statement, not once per row.
const ROW_LEVEL_SECURITY: &str = "
DO $do$ DECLARE t record; BEGIN
    FOR t IN SELECT table_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND column_name = 'tenant_id'
          AND table_name NOT IN (SELECT tablename FROM pg_policies WHERE schemaname = current_schema() AND policyname = 'tenant_fence')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t.table_name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t.table_name);
        EXECUTE format('CREATE POLICY tenant_fence ON %I USING (
            tenant_id = (SELECT decode(coalesce(nullif(current_setting(''fpms.tenant'', true), ''*''), ''''), ''hex''))
            OR (SELECT current_setting(''fpms.tenant'', true)) = ''*'')', t.table_name);
    END LOOP;
END $do$";

const UNIQUE_INDEXES: &str = "
SELECT CAST(x.relname AS TEXT), t.relname || '(' || string_agg(a.attname, ',' ORDER BY k.place) || ')'
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
CROSS JOIN LATERAL unnest(CAST(i.indkey AS SMALLINT[])) WITH ORDINALITY k(attnum, place)
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
WHERE i.indisunique AND t.relnamespace = current_schema()::regnamespace AND a.attname <> 'tenant_id'
GROUP BY x.relname, t.relname";

/// Counts the migrations that the schema lacks, and refuses when an applied one has changed. Where there is no schema, there
/// is none afterwards.
pub(crate) async fn pending(target: &Target, schemas: &[Schema]) -> Result<usize> {
    let client = connect(target).await?;
    let table = format!("{}.{RECORD}", target.schema);
    let found = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table]).await;
    if !found.map_err(|e| error("migration", e))?.get::<_, bool>(0) {
        return Ok(count(schemas));
    }
    let mut pending = 0;
    for schema in schemas {
        for migration in schema.migrations {
            if !is_applied(&client, schema, migration).await? {
                pending += 1;
            }
        }
    }
    Ok(pending)
}

/// Applies what the schema lacks, each migration in its own transaction.
pub(crate) async fn apply(target: &Target, schemas: &[Schema], now: Timestamp) -> Result<usize> {
    let mut client = connect(target).await?;
    create_record(&client, target).await?;
    // A migration may change rows, and those of every tenant; the fence would hide them from the tables' owner as well.
    client.batch_execute("SET fpms.tenant = '*'").await.map_err(|e| error("tenant", e))?;
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await.map_err(|e| error("migration", e))?;
    let mut applied = 0;
    for schema in schemas {
        for migration in schema.migrations {
            if !is_applied(&client, schema, migration).await? {
                apply_one(&mut client, schema, migration, now).await?;
                applied += 1;
            }
        }
    }
    client.batch_execute(ROW_LEVEL_SECURITY).await.map_err(|e| error("row-level security", e))?;
    // The lock ends with the connection.
    Ok(applied)
}

/// Reads the names and columns of the schema's unique indexes.
pub(crate) async fn uniques(target: &Target) -> Result<Uniques> {
    let rows = connect(target).await?.query(UNIQUE_INDEXES, &[]).await.map_err(|e| error("unique indexes", e))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn error(statement: &'static str, source: tokio_postgres::Error) -> Error {
    super::error(statement, source, &Uniques::new())
}

async fn apply_one(client: &mut Client, schema: &Schema, migration: &Migration, now: Timestamp) -> Result<()> {
    let transaction = client.transaction().await.map_err(|e| error("migration", e))?;
    let sql = replace_words(split(migration.sql).join(";\n"), &[("BLOB", "BYTEA")]);
    transaction.batch_execute(&sql).await.map_err(|e| failed(schema, migration, &e))?;
    transaction
        .execute(
            "INSERT INTO schema_migration (schema, version, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)",
            &[&schema.name, &migration.version, &migration.name, &migration.checksum(), &now.as_micros()],
        )
        .await
        .map_err(|e| error("migration", e))?;
    transaction.commit().await.map_err(|e| error("migration", e))
}

async fn connect(target: &Target) -> Result<Client> {
    target.connect(CONNECTION_TASK).await.map_err(|e| Error::Unavailable(Box::new(e)))
}

async fn create_record(client: &Client, target: &Target) -> Result<()> {
    let schema = &target.schema;
    // Two nodes may start together: the lock makes the second find what the first made.
    client
        .batch_execute(&format!(
            "BEGIN; SELECT pg_advisory_xact_lock({MIGRATION_LOCK}); CREATE SCHEMA IF NOT EXISTS {schema}; {CREATE_RECORD}; COMMIT"
        ))
        .await
        .map_err(|e| error("migration", e))
}

async fn is_applied(client: &impl GenericClient, schema: &Schema, migration: &Migration) -> Result<bool> {
    let row = client
        .query_opt(
            "SELECT name, checksum FROM schema_migration WHERE schema = $1 AND version = $2",
            &[&schema.name, &migration.version],
        )
        .await
        .map_err(|e| error("migration", e))?;
    match row.map(|row| Applied { name: row.get(0), checksum: row.get(1) }) {
        None => Ok(false),
        Some(applied) if applied.matches(migration) => Ok(true),
        Some(_) => Err(changed(schema, migration)),
    }
}
