//! What the web kit shows of a tenant, from the directory that storage keeps in memory.

use std::{collections::HashMap, sync::Arc, time::Duration};

use base::TenantId;
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use runtime::{OnError, Shutdown, TaskKind};
use storage::{Directory, Tenant};
use web::{TenantCard, Tenants};

/// How often a node looks whether another has changed the directory.
const REFRESH: Duration = Duration::from_secs(2);

/// The tenants as pages show them.
pub(crate) struct Cards {
    directory: Directory,
    /// Cards made so far.
    made: Mutex<HashMap<TenantId, Made>>,
}

/// A card, and the entry it was made from.
type Made = (Arc<Tenant>, Arc<TenantCard>);

impl Cards {
    pub(crate) fn new(directory: Directory) -> Self {
        Self { directory, made: Mutex::default() }
    }
}

impl Tenants for Cards {
    fn card(&self, tenant: TenantId) -> Option<Arc<TenantCard>> {
        let entry = self.directory.tenant(tenant)?;
        let mut made = self.made.lock();
        if let Some((of, card)) = made.get(&tenant)
            && Arc::ptr_eq(of, &entry)
        {
            return Some(Arc::clone(card));
        }
        let card = Arc::new(card(&entry));
        made.insert(tenant, (entry, Arc::clone(&card)));
        Some(card)
    }
}

fn card(tenant: &Tenant) -> TenantCard {
    let name = |(language, _): &(&str, &str)| ((*language).to_owned(), tenant.name_in(language).to_owned());
    let names = web::i18n::LANGUAGES.iter().map(name).collect();
    // The zone was checked when the tenant was added; UTC is for a zone that the tables no longer know.
    let zone = TimeZone::get(&tenant.zone).unwrap_or(TimeZone::UTC);
    TenantCard { names, language: tenant.language.clone(), zone }
}

/// Keeps this node's directory at most [`REFRESH`] behind what other nodes do to it.
pub(crate) fn follow(directory: Directory, shutdown: &Shutdown) {
    const FOLLOW: TaskKind = TaskKind::new("directory-refresh", OnError::Stop).aborted();
    shutdown.spawn(FOLLOW, refresh_always(directory));
}

async fn refresh_always(directory: Directory) {
    loop {
        tokio::time::sleep(REFRESH).await;
        if let Err(error) = directory.refresh_if_changed().await {
            tracing::warn!(error = %runtime::chain(&error), "the directory of tenants could not be read again");
        }
    }
}
