//! The directory of tenants and the shard map, kept on the home shard and held in memory by every node.
//!
//! Looking something up never touches the database: [`Directory::refresh`] brings a new snapshot in, after a change of our
//! own and every few seconds for those of others.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use futures_util::FutureExt;

use base::{Ambient, TenantId, Timestamp};

use crate::{
    Decode, Error, Result, Row, Schema, Settings, Statement, Tx,
    database::system_scope,
    engine::Engine,
    params,
    shard::{self, BUCKETS, Map, Place},
    statements,
};

static SCHEMA: Schema = crate::schema!("directory", ["0001_directory.sql"]).with_statements(CATALOGUE);
static CATALOGUE: &[&[&Statement]] = &[STATEMENTS];

statements! {
    /// Lists the tenants.
    TENANTS: system [tenant] = "SELECT id, slug, name, name_local, language, zone, state, bucket, created_at FROM tenant ORDER BY slug";
    /// Lists the domains.
    DOMAINS: system [tenant_domain] = "SELECT domain, tenant FROM tenant_domain ORDER BY domain";
    /// Lists the buckets.
    BUCKET_ROWS: system [bucket] = "SELECT bucket, shard, epoch FROM bucket ORDER BY bucket";
    /// Tells the version.
    VERSION: system [directory_version] = "SELECT version FROM directory_version WHERE id = 1";
    /// Counts a change.
    BUMP: system [directory_version] = "INSERT INTO directory_version (id, version) VALUES (1, 1) \
        ON CONFLICT (id) DO UPDATE SET version = directory_version.version + 1";
    /// Places a bucket.
    PLACE: system [bucket] = "INSERT INTO bucket (bucket, shard, epoch) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING";
    /// Adds a tenant.
    INSERT: system [tenant] = "INSERT INTO tenant (id, slug, name, name_local, language, zone, state, bucket, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8)";
    /// Adds a domain.
    INSERT_DOMAIN: system [tenant_domain] = "INSERT INTO tenant_domain (domain, tenant) VALUES ($1, $2)";
}

/// A customer of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its short name in addresses and on the command line: lower case letters, digits and hyphens.
    pub slug: String,
    /// Its name in English.
    pub name: String,
    /// Its name in its own language, or in another than English; see [`Tenant::name_in`].
    pub name_local: String,
    /// BCP 47 tag of its language.
    pub language: String,
    /// IANA name of its time zone.
    pub zone: String,
    /// `active` or `suspended`.
    pub state: String,
    /// The bucket it falls into.
    pub bucket: u16,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Tenant {
    /// Returns the name for readers of a language. A university whose language is English has its other name for everybody
    /// who reads something else.
    pub fn name_in(&self, language: &str) -> &str {
        let local = language != "en" && (self.language == language || self.language == "en");
        if local && !self.name_local.is_empty() { &self.name_local } else { &self.name }
    }
}

impl Decode for Tenant {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            slug: row.take()?,
            name: row.take()?,
            name_local: row.take()?,
            language: row.take()?,
            zone: row.take()?,
            state: row.take()?,
            bucket: row.take()?,
            created_at: row.take()?,
        })
    }
}

/// What is needed to add a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// See [`Tenant::slug`].
    pub slug: String,
    /// See [`Tenant::name`].
    pub name: String,
    /// See [`Tenant::name_local`].
    pub name_local: String,
    /// See [`Tenant::language`].
    pub language: String,
    /// See [`Tenant::zone`].
    pub zone: String,
    /// Host names that are this tenant's.
    pub domains: Vec<String>,
}

/// The directory at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// The shard map.
    pub map: Map,
    tenants: Vec<Arc<Tenant>>,
    by_id: HashMap<TenantId, Arc<Tenant>>,
    by_slug: HashMap<String, Arc<Tenant>>,
    by_domain: HashMap<String, Arc<Tenant>>,
}

impl Snapshot {
    pub(crate) fn place(&self, tenant: TenantId) -> Option<Place> {
        let bucket = self.by_id.get(&tenant)?.bucket;
        Some(Place { bucket, owner: self.map.owner(bucket)? })
    }
}

/// The directory. Cloning is cheap.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    engine: Engine,
    ambient: Ambient,
    shards: Vec<String>,
    snapshot: ArcSwap<Snapshot>,
}

impl Directory {
    pub(crate) async fn open(settings: &Settings, ambient: &Ambient) -> Result<Self> {
        let home = settings.shards.first().ok_or_else(|| Error::Settings("there is no shard".to_owned()))?;
        let shards: Vec<String> = settings.shards.iter().map(|shard| shard.name.clone()).collect();
        let engine = Engine::open(settings, home, "directory", &[SCHEMA], ambient.now()).await?;
        let names = shards.clone();
        engine.write(system_scope(ambient, "directory"), move |tx| place_buckets(tx, names).boxed()).await?;
        let snapshot = ArcSwap::from_pointee(load(&engine, ambient, &shards).await?);
        Ok(Self(Arc::new(Inner { engine, ambient: ambient.clone(), shards, snapshot })))
    }

    /// Returns the directory as this node last saw it.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshot.load_full()
    }

    /// Reads the directory anew.
    pub async fn refresh(&self) -> Result<()> {
        let snapshot = load(&self.0.engine, &self.0.ambient, &self.0.shards).await?;
        self.0.snapshot.store(Arc::new(snapshot));
        Ok(())
    }

    /// Reads the directory anew if another node has changed it; cheap enough for every few seconds.
    pub async fn refresh_if_changed(&self) -> Result<()> {
        let scope = system_scope(&self.0.ambient, "directory");
        let version = self.0.engine.read(scope, |tx| version(tx).boxed()).await?;
        if version == self.snapshot().map.version { Ok(()) } else { self.refresh().await }
    }

    /// Adds a tenant.
    pub async fn create(&self, new: NewTenant) -> Result<Arc<Tenant>> {
        let id: TenantId = self.0.ambient.id();
        let scope = system_scope(&self.0.ambient, "directory");
        self.0.engine.write(scope, move |tx| insert(tx, id, new).boxed()).await?;
        self.refresh().await?;
        self.tenant(id).ok_or_else(|| Error::UnknownTenant(id.to_string()))
    }

    /// Returns the tenant of this id.
    pub fn tenant(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.0.snapshot.load().by_id.get(&id).cloned()
    }

    /// Returns the tenant of this short name.
    pub fn by_slug(&self, slug: &str) -> Option<Arc<Tenant>> {
        self.0.snapshot.load().by_slug.get(slug).cloned()
    }

    /// Returns the tenant whose host name this is.
    pub fn by_domain(&self, host: &str) -> Option<Arc<Tenant>> {
        self.0.snapshot.load().by_domain.get(host).cloned()
    }

    /// Returns all tenants by short name.
    pub fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.0.snapshot.load().tenants.clone()
    }
}

async fn place_buckets(tx: &mut Tx, shards: Vec<String>) -> Result<()> {
    let placed: Vec<(u16, String, i64)> = tx.fetch(&BUCKET_ROWS, params![]).await?;
    if !placed.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> =
        (0..BUCKETS).zip(shards.iter().cycle()).map(|(bucket, shard)| vec![bucket.into(), shard.into()]).collect();
    tx.execute_many(&PLACE, &rows).await?;
    tx.execute(&BUMP, params![]).await?;
    Ok(())
}

async fn insert(tx: &mut Tx, id: TenantId, new: NewTenant) -> Result<()> {
    let bucket = shard::bucket_of(id);
    let now = tx.now();
    let values = params![id, &new.slug, &new.name, &new.name_local, &new.language, &new.zone, bucket, now];
    tx.execute(&INSERT, values).await?;
    for domain in &new.domains {
        tx.execute(&INSERT_DOMAIN, params![domain, id]).await?;
    }
    tx.execute(&BUMP, params![]).await?;
    Ok(())
}

async fn version(tx: &mut Tx) -> Result<i64> {
    let version: Option<(i64,)> = tx.fetch_optional(&VERSION, params![]).await?;
    Ok(version.map_or(0, |(version,)| version))
}

async fn load(engine: &Engine, ambient: &Ambient, shards: &[String]) -> Result<Snapshot> {
    let scope = system_scope(ambient, "directory");
    let (version, rows, tenants, domains) = engine
        .read(scope, |tx| {
            async move {
                // The version first: a change between the statements is then seen by the next look, never missed.
                let version = version(tx).await?;
                let rows: Vec<(u16, String, i64)> = tx.fetch(&BUCKET_ROWS, params![]).await?;
                let tenants: Vec<Tenant> = tx.fetch(&TENANTS, params![]).await?;
                let domains: Vec<(String, TenantId)> = tx.fetch(&DOMAINS, params![]).await?;
                Ok::<_, Error>((version, rows, tenants, domains))
            }
            .boxed()
        })
        .await?;
    let tenants: Vec<Arc<Tenant>> = tenants.into_iter().map(Arc::new).collect();
    let by_id: HashMap<TenantId, Arc<Tenant>> = tenants.iter().map(|tenant| (tenant.id, Arc::clone(tenant))).collect();
    let by_slug = tenants.iter().map(|tenant| (tenant.slug.clone(), Arc::clone(tenant))).collect();
    let by_domain =
        domains.into_iter().filter_map(|(domain, id)| Some((domain, Arc::clone(by_id.get(&id)?)))).collect();
    Ok(Snapshot { map: Map::new(version, &rows, shards)?, tenants, by_id, by_slug, by_domain })
}
