//! Units of work, tenants, idempotency, shards and migrations on both engines.

use ::storage::{Database, Error, Schema, Statement, Versioned, params, statements};
use base::{Caller, RequestId, TenantId};
use futures_util::FutureExt;
use testkit::Installation;

mod durability;
mod migrations;
mod once;
pub(crate) mod plans;
mod tenants;
mod tls;
mod units;
mod versions;

static SCHEMA: Schema =
    ::storage::schema!("ledger", ["0001_ledger.sql"]).with_statements(CATALOGUE).with_versioned(&[ENTRIES]);
static CATALOGUE: &[&[&Statement]] = &[STATEMENTS];

const ENTRIES: Versioned = Versioned { name: "entries", tables: &["entry"] };

base::id!(
    /// An entry of the ledger.
    EntryId
);

statements! {
    /// Adds an entry.
    INSERT: write [entry] = "INSERT INTO entry (tenant_id, id, writer, sequence, note, share, checked) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Counts a writer's entries.
    COUNT: read [entry] = "SELECT COUNT(*) FROM entry WHERE tenant_id = $1 AND writer = $2";
    /// Reads a writer's entries.
    LIST: read [entry] = "SELECT id, sequence, note, share, checked FROM entry WHERE tenant_id = $1 AND writer = $2 ORDER BY sequence";
    /// Forgets to ask for the tenant, as a careless statement might.
    CARELESS: scan [entry] = "SELECT COUNT(*) FROM entry WHERE (tenant_id = $1 OR tenant_id <> $1) AND writer = $2";
    /// Looks for what no index helps to find.
    WALK: scan [entry] = "SELECT COUNT(*) FROM entry WHERE tenant_id <> $1 AND note = $2";
    /// Moves a bucket away, as the shard mover will.
    MOVE_AWAY: system [bucket_owner] = "UPDATE bucket_owner SET epoch = epoch + 1 WHERE bucket = $1";
}

async fn open(installation: &Installation) -> (::storage::Storage, Database) {
    let storage = installation.storage().await;
    let database = storage.database("ledger", &[SCHEMA]).await.unwrap();
    (storage, database)
}

fn caller(tenant: TenantId) -> Caller {
    Caller::system(tenant, "test", RequestId::from_u128(1))
}

async fn insert(tx: &mut ::storage::Tx, writer: i64, sequence: i64) -> Result<u64, Error> {
    let id: EntryId = tx.id();
    let note = format!("note {sequence}");
    tx.execute(&INSERT, params![id, writer, sequence, &note, 0.25, true]).await
}

async fn count(database: &Database, tenant: TenantId, writer: i64) -> i64 {
    let row: Result<(i64,), Error> =
        database.read(&caller(tenant), |tx| async move { tx.fetch_one(&COUNT, params![writer]).await }.boxed()).await;
    row.unwrap().0
}
