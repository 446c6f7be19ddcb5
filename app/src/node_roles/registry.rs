//! The role `registry`: knows which nodes there are, for this process and for others.

use anyhow::{Context, Result};
use futures_util::{FutureExt, future::BoxFuture};
use mesh::registry::{Registry, Settings, Snapshot, server};

use crate::{parts::Parts, settings::Catalogue};

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let reserved = super::TABLE.iter().map(|role| role.name.to_owned()).collect();
        let registry = Registry::new(Settings { reserved, ..Settings::default() });
        match parts.settings.mesh.catalogue {
            Catalogue::Snapshot => {
                let snapshot = Snapshot::new(parts.folder("registry").join("snapshot.json"));
                registry.persist(snapshot, &parts.shutdown).await;
            }
            Catalogue::Nats => {
                let shared = registry.share(&parts.registry_store(), &parts.shutdown).await;
                shared.context("opening the catalogue that the registries share")?;
            }
        }
        registry.start(&parts.shutdown);
        parts.host_registry(&registry);
        let access = parts.membership().host(&registry, &parts.shutdown).await?;
        server::serve(registry, parts.settings.mesh.registry, access, &parts.shutdown).await?;
        Ok(())
    }
    .boxed()
}
