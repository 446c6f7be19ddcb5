//! An installation of a benchmark's own, on either engine, under `target/`.

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use base::{Ambient, Caller, TenantId};
use crypto::SystemRandom;
use runtime::SystemClock;
use storage::{Database, NewTenant, Settings, Storage, settings::Shard};
use tempfile::TempDir;

use crate::ledger;

/// An open database with one tenant, and the caller who uses it.
#[derive(Clone)]
pub(crate) struct Installation {
    pub(crate) database: Database,
    pub(crate) caller: Caller,
}

impl Installation {
    /// Opens what `settings` describe, adding the tenant when it is new.
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let storage = Storage::open(settings, ambient()).await?;
        let tenant = match storage.directory().by_slug("bench") {
            Some(tenant) => tenant,
            None => storage.directory().create(new_tenant()).await?,
        };
        let database = storage.database("bench", &[ledger::SCHEMA]).await?;
        Ok(Self { database, caller: caller(tenant.id) })
    }

    /// Opens a SQLite installation in `folder`.
    pub(crate) async fn sqlite(folder: impl Into<PathBuf>) -> Result<Self> {
        Self::open(Settings::embedded(folder)).await
    }

    /// Opens an installation on the PostgreSQL database at `url`.
    pub(crate) async fn postgres(url: &str) -> Result<Self> {
        Self::open(on_postgres(url)).await
    }
}

/// Returns the settings of an installation on the PostgreSQL database at `url`.
pub(crate) fn on_postgres(url: &str) -> Settings {
    let mut settings = Settings::embedded(".");
    settings.shards = vec![Shard { name: "shard-0".to_owned(), url: url.to_owned() }];
    settings
}

/// Returns the machine's own time and chance.
pub(crate) fn ambient() -> Ambient {
    Ambient::new(Arc::new(SystemClock), Arc::new(SystemRandom))
}

/// Makes a folder on a real disk: beside the built program, because `/tmp` may be memory.
pub(crate) fn folder() -> Result<TempDir> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).context("the program lies in no target folder")?.join("bench");
    fs::create_dir_all(&target).with_context(|| format!("{} cannot be made", target.display()))?;
    Ok(tempfile::Builder::new().prefix("run-").tempdir_in(target)?)
}

/// Returns the caller of a benchmark.
pub(crate) fn caller(tenant: TenantId) -> Caller {
    Caller::system(tenant, "bench", ambient().id())
}

/// Returns the tenant of a benchmark.
pub(crate) fn new_tenant() -> NewTenant {
    NewTenant {
        slug: "bench".to_owned(),
        name: "Benchmark".to_owned(),
        name_local: "Benchmark".to_owned(),
        language: "en".to_owned(),
        zone: "UTC".to_owned(),
        domains: Vec::new(),
    }
}
