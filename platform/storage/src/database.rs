//! A service's data over all shards, and the units of work over it.

use std::sync::Arc;

use futures_util::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};

use base::{Ambient, Caller, Once, TenantId};

use crate::{
    Directory, Error, Plan, Result, Schema, Settings, Statement, Tx, Versioned,
    directory::Snapshot,
    engine::{Engine, Scope},
    once,
    postgres::TenantFence,
    shard::Place,
    statements,
    tx::Access,
    versions,
};

/// The future of a unit of work.
pub type Work<'t, T, E> = BoxFuture<'t, std::result::Result<T, E>>;

statements! {
    /// Records that a bucket lives here.
    OWN_BUCKET: system [bucket_owner] = "INSERT INTO bucket_owner (bucket, epoch, state) VALUES ($1, $2, 'owned') ON CONFLICT DO NOTHING";
}

/// What storage itself keeps in every database.
static OWN_SCHEMA: Schema =
    crate::schema!("storage", ["0001_storage.sql", "0002_table_version.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[STATEMENTS, once::STATEMENTS, versions::STATEMENTS, crate::sqlite::STATEMENTS];

/// The installation's shards and its directory of tenants. Cloning is cheap.
#[derive(Clone)]
pub struct Storage {
    settings: Arc<Settings>,
    ambient: Ambient,
    directory: Directory,
}

impl Storage {
    /// Opens the home shard and reads the directory.
    pub async fn open(settings: Settings, ambient: Ambient) -> Result<Self> {
        let settings = Arc::new(settings);
        let directory = Directory::open(&settings, &ambient).await?;
        Ok(Self { settings, ambient, directory })
    }

    /// Returns the directory of tenants.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Returns the sources of time and chance.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// Opens a service's database on every shard, migrating `schemas` in the order given.
    pub async fn database(&self, service: &'static str, schemas: &[Schema]) -> Result<Database> {
        let mut all = vec![OWN_SCHEMA];
        all.extend_from_slice(schemas);
        let snapshot = self.directory.snapshot();
        let mut shards = Vec::with_capacity(self.settings.shards.len());
        for (index, shard) in self.settings.shards.iter().enumerate() {
            let engine = Engine::open(&self.settings, shard, service, &all, self.ambient.now()).await?;
            let database = Shard { name: shard.name.clone(), engine };
            own_buckets(&database, &self.ambient, snapshot.map.buckets_of(index).collect()).await?;
            shards.push(database);
        }
        let groups: Arc<[Versioned]> = all.iter().flat_map(|schema| schema.versioned).copied().collect();
        if groups.len() > versions::GROUPS_MAX {
            return Err(Error::Misuse("counts the changes of more than 32 groups of tables"));
        }
        let (directory, ambient) = (self.directory.clone(), self.ambient.clone());
        Ok(Database(Arc::new(Inner { service, shards, directory, ambient, schemas: all, groups })))
    }
}

async fn own_buckets(shard: &Shard, ambient: &Ambient, buckets: Vec<(u16, i64)>) -> Result<()> {
    let scope = system_scope(ambient, "storage");
    shard
        .engine
        .write(scope, move |tx| {
            async move {
                let rows: Vec<_> =
                    buckets.into_iter().map(|(bucket, epoch)| vec![bucket.into(), epoch.into()]).collect();
                tx.execute_many(&OWN_BUCKET, &rows).await
            }
            .boxed()
        })
        .await
        .map(|_| ())
}

/// One service's data over all shards. Cloning is cheap.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    service: &'static str,
    shards: Vec<Shard>,
    directory: Directory,
    ambient: Ambient,
    schemas: Vec<Schema>,
    groups: Arc<[Versioned]>,
}

struct Shard {
    name: String,
    engine: Engine,
}

impl Database {
    /// Returns the service's name.
    pub fn service(&self) -> &'static str {
        self.0.service
    }

    /// Returns the sources of time and chance.
    pub fn ambient(&self) -> &Ambient {
        &self.0.ambient
    }

    /// Returns the directory of tenants.
    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// Runs a unit that only reads. Each statement sees the newest committed state.
    pub async fn read<T, E>(
        &self,
        caller: &Caller,
        work: impl for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E>,
    ) -> std::result::Result<T, E>
    where
        E: From<Error>,
    {
        let place = self.place(caller.tenant())?;
        let scope = self.scope(caller, Access::Read, None);
        self.shard(place.owner.shard)?.engine.read(scope, work).await
    }

    /// Runs a unit that may write, in one transaction: an error rolls all of it back.
    /// When it returns `Ok`, what it wrote is on disk (INV-7).
    pub async fn write<T, E, W>(&self, caller: &Caller, work: W) -> std::result::Result<T, E>
    where
        W: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let place = self.place(caller.tenant())?;
        let scope = self.scope(caller, Access::Write, Some((i64::from(place.bucket), place.owner.epoch)));
        self.shard(place.owner.shard)?.engine.write(scope, work).await
    }

    /// Runs a unit that may write and has one effect however often the same `once` arrives: a repetition gets the first
    /// answer (INV-8). Without a key it is [`Database::write`].
    pub async fn write_once<T, E, W>(&self, caller: &Caller, once: Option<Once>, work: W) -> std::result::Result<T, E>
    where
        W: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match once {
            None => self.write(caller, work).await,
            Some(once) => self.write(caller, move |tx| once::run(tx, once, work).boxed()).await,
        }
    }

    /// Runs a unit of the machine's own over one shard: it may run only statements declared `system`, which know no tenant.
    pub async fn system<T, E, W>(&self, shard: usize, name: &'static str, work: W) -> std::result::Result<T, E>
    where
        W: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.shard(shard)?.engine.write(system_scope(&self.0.ambient, name), work).await
    }

    /// Like [`Database::system`], for reading only: takes no place in the writer's queue.
    pub async fn system_read<T, E>(
        &self,
        shard: usize,
        name: &'static str,
        work: impl for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E>,
    ) -> std::result::Result<T, E>
    where
        E: From<Error>,
    {
        self.shard(shard)?.engine.read(system_scope(&self.0.ambient, name), work).await
    }

    /// Returns how many shards there are; their indices are `0..shards()`.
    pub fn shards(&self) -> usize {
        self.0.shards.len()
    }

    /// Returns name and engine of each shard.
    pub fn shard_names(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.0.shards.iter().map(|shard| (shard.name.as_str(), shard.engine.name()))
    }

    /// Returns every statement of the database's catalogue.
    pub fn statements(&self) -> impl Iterator<Item = &'static Statement> {
        self.0.schemas.iter().flat_map(|schema| schema.statements.iter().copied().flatten().copied())
    }

    /// Returns how the engine of a shard means to run `statement`.
    pub async fn explain(&self, shard: usize, statement: &'static Statement) -> Result<Plan> {
        self.shard(shard)?.engine.explain(statement).await
    }

    /// Returns whether row-level security binds us on this shard: a second fence behind the tenant of each statement. SQLite
    /// has none; PostgreSQL has it unless we sign in as a role that it does not bind, such as a superuser.
    pub async fn is_fenced(&self, shard: usize) -> Result<bool> {
        self.shard(shard)?.engine.is_fenced().await
    }

    /// Returns how connections to this shard are encrypted: protocol and cipher; `None` when they are plain, or it is a file.
    pub async fn encryption(&self, shard: usize) -> Result<Option<String>> {
        self.shard(shard)?.engine.encryption().await
    }

    /// Forgets answers to idempotency keys that are older than `age`; returns how many.
    pub async fn forget_answers(&self, age: std::time::Duration) -> Result<u64> {
        let mut forgotten = 0;
        for shard in 0..self.shards() {
            forgotten += self.system(shard, "storage", move |tx| once::forget(tx, age).boxed()).await?;
        }
        Ok(forgotten)
    }

    fn place(&self, tenant: TenantId) -> Result<Place> {
        let snapshot: Arc<Snapshot> = self.0.directory.snapshot();
        snapshot.place(tenant).ok_or_else(|| Error::UnknownTenant(tenant.to_string()))
    }

    fn scope(&self, caller: &Caller, access: Access, bucket: Option<(i64, i64)>) -> Scope {
        let fence = TenantFence::One(caller.tenant());
        let groups = Arc::clone(&self.0.groups);
        Scope { caller: caller.clone(), ambient: self.0.ambient.clone(), access, fence, bucket, groups }
    }

    fn shard(&self, index: usize) -> Result<&Shard> {
        self.0.shards.get(index).ok_or_else(|| Error::Settings(format!("there is no shard of index {index}")))
    }
}

pub(crate) fn system_scope(ambient: &Ambient, name: &'static str) -> Scope {
    let caller = Caller::system(TenantId::from_u128(0), name, ambient.id());
    Scope {
        caller,
        ambient: ambient.clone(),
        access: Access::System,
        fence: TenantFence::All,
        bucket: None,
        groups: Arc::default(),
    }
}
