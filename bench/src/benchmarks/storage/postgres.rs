//! PostgreSQL: storage beside tokio-postgres with prepared statements. The bare table has no row-level security.
//!
//! A unit of work is a transaction, so that is what the write is measured against; the bare autocommit is there to see.
//! This process is kept on the first core and its server processes on the second.

use anyhow::Result;
use base::{Clock, Id, TenantId};
use futures_util::{FutureExt, future::BoxFuture};
use runtime::SystemClock;
use tokio_postgres::{Client, Statement, types::ToSql};

use super::sqlite::step;
use crate::{
    figures,
    harness::{Contender, compare},
    installation::{self, Installation},
    ledger::{self, Entry, EntryId, FIND, INSERT, ROWS, TITLE},
    machine,
    postgres::{Server, connect},
};

/// The name that storage gives its connections.
const OURS: &str = "fpms";
const BARE: &str = "bench-bare";

pub(super) async fn run() -> Result<()> {
    let server = Server::start(&installation::ambient()).await?;
    println!("\nPostgreSQL: {}", server.settings().await?);
    let outcome = within(&server).await;
    server.remove().await?;
    outcome
}

async fn within(server: &Server) -> Result<()> {
    let installation = Installation::postgres(server.url()).await?;
    ledger::fill(&installation.database, &installation.caller).await?;
    let tenant = installation.caller.tenant();
    let bare = Bare::new(connect(server.url(), BARE).await?, tenant).await?;
    bare.fill().await?;
    ledger::find(&installation.database, &installation.caller, EntryId::from_u128(1)).await?;
    let (ours_at, bare_at) = (server.backends(OURS).await?, server.backends(BARE).await?);
    pin(&ours_at, &bare_at)?;
    let ours = |installation: Installation| Ours { installation, next: 0, backends: ours_at.clone() };

    let reads = compare(
        "postgres point read",
        vec![Box::new(Reading(ours(installation.clone()))), Box::new(Reading(bare.again(&bare_at)))],
    )
    .await?;
    let writes = compare(
        "postgres small write",
        vec![
            Box::new(Writing(ours(installation))),
            Box::new(Writing(bare.again(&bare_at))),
            Box::new(Autocommit(bare.again(&bare_at))),
        ],
    )
    .await?;
    figures::ratio("storage.postgres_read_cpu_ratio", reads.cpu_ratio(1));
    figures::ratio("storage.postgres_read_server_cpu_ratio", reads.server_ratio(1));
    figures::ratio("storage.postgres_write_cpu_ratio", writes.cpu_ratio(1));
    figures::ratio("storage.postgres_write_server_cpu_ratio", writes.server_ratio(1));
    figures::ratio("storage.postgres_write_cpu_ratio_to_autocommit", writes.cpu_ratio(2));
    Ok(())
}

fn pin(ours: &[i32], bare: &[i32]) -> Result<()> {
    for server in ours.iter().chain(bare) {
        machine::pin(server.unsigned_abs(), 1)?;
    }
    machine::pin(std::process::id(), 0)
}

struct Reading<C>(C);
struct Writing<C>(C);
struct Autocommit<C>(C);

struct Ours {
    installation: Installation,
    next: u128,
    backends: Vec<i32>,
}

#[derive(Clone)]
struct Bare {
    client: std::sync::Arc<Client>,
    find: Statement,
    insert: Statement,
    tenant: TenantId,
    next: u128,
    backends: Vec<i32>,
}

impl Bare {
    async fn new(client: Client, tenant: TenantId) -> Result<Self> {
        let table = "CREATE TABLE public.entry (tenant_id BYTEA NOT NULL, id BYTEA NOT NULL, title TEXT NOT NULL, \
            share DOUBLE PRECISION NOT NULL, checked BOOLEAN NOT NULL, made_at BIGINT NOT NULL, PRIMARY KEY (tenant_id, id))";
        client.batch_execute(table).await?;
        let (find, insert) = (client.prepare(ledger::sql(&FIND)).await?, client.prepare(ledger::sql(&INSERT)).await?);
        let client = std::sync::Arc::new(client);
        Ok(Self { client, find, insert, tenant, next: 0, backends: Vec::new() })
    }

    /// Returns another user of the same connection.
    fn again(&self, backends: &[i32]) -> Self {
        Self { backends: backends.to_vec(), ..self.clone() }
    }

    async fn fill(&self) -> Result<()> {
        self.client.batch_execute("BEGIN").await?;
        for number in 0..ROWS {
            self.insert(EntryId::from_u128(number)).await?;
        }
        self.client.batch_execute("COMMIT; ANALYZE").await?;
        Ok(())
    }

    async fn find(&self, id: EntryId) -> Result<Entry> {
        let (tenant, id) = (self.tenant.uuid(), id.uuid());
        let key: [&(dyn ToSql + Sync); 2] = [&tenant.as_bytes().as_slice(), &id.as_bytes().as_slice()];
        let row = self.client.query_one(&self.find, &key).await?;
        Ok(Entry {
            id: row.try_get::<_, &[u8]>(0)?.try_into()?,
            title: row.try_get(1)?,
            share: row.try_get(2)?,
            checked: row.try_get(3)?,
            made_at: row.try_get(4)?,
        })
    }

    async fn insert(&self, id: EntryId) -> Result<()> {
        let (tenant, id, now) = (self.tenant.uuid(), id.uuid(), SystemClock.now().as_micros());
        let values: [&(dyn ToSql + Sync); 6] =
            [&tenant.as_bytes().as_slice(), &id.as_bytes().as_slice(), &TITLE, &0.25, &true, &now];
        self.client.execute(&self.insert, &values).await?;
        Ok(())
    }
}

impl Contender for Reading<Ours> {
    fn name(&self) -> &'static str {
        "storage"
    }

    fn servers(&self) -> Vec<i32> {
        self.0.backends.clone()
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let Installation { database, caller } = &self.0.installation;
            let mut digest = 0;
            for _ in 0..operations {
                digest += ledger::find(database, caller, step(&mut self.0.next)).await?.digest();
            }
            std::hint::black_box(digest);
            Ok(())
        }
        .boxed()
    }
}

impl Contender for Reading<Bare> {
    fn name(&self) -> &'static str {
        "tokio-postgres, prepared"
    }

    fn servers(&self) -> Vec<i32> {
        self.0.backends.clone()
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let mut digest = 0;
            for _ in 0..operations {
                let id = step(&mut self.0.next);
                digest += self.0.find(id).await?.digest();
            }
            std::hint::black_box(digest);
            Ok(())
        }
        .boxed()
    }
}

impl Contender for Writing<Ours> {
    fn name(&self) -> &'static str {
        "storage"
    }

    fn servers(&self) -> Vec<i32> {
        self.0.backends.clone()
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let Installation { database, caller } = &self.0.installation;
            for _ in 0..operations {
                ledger::insert(database, caller).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

impl Contender for Writing<Bare> {
    fn name(&self) -> &'static str {
        "tokio-postgres, prepared, in a transaction"
    }

    fn servers(&self) -> Vec<i32> {
        self.0.backends.clone()
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let ambient = installation::ambient();
            for _ in 0..operations {
                self.0.client.batch_execute("BEGIN").await?;
                self.0.insert(ambient.id()).await?;
                self.0.client.batch_execute("COMMIT").await?;
            }
            Ok(())
        }
        .boxed()
    }
}

impl Contender for Autocommit<Bare> {
    fn name(&self) -> &'static str {
        "tokio-postgres, prepared, autocommit"
    }

    fn servers(&self) -> Vec<i32> {
        self.0.backends.clone()
    }

    fn run(&mut self, operations: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let ambient = installation::ambient();
            for _ in 0..operations {
                self.0.insert(ambient.id()).await?;
            }
            Ok(())
        }
        .boxed()
    }
}
