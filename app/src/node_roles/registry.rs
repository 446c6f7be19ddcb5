//! The role `registry`: knows which nodes there are, for this process and for others.

use anyhow::Result;
use futures_util::{FutureExt, future::BoxFuture};
use mesh::registry::{Registry, Settings, Snapshot, server};

use crate::parts::Parts;

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let registry = Registry::new(Settings::default());
        let snapshot = Snapshot::new(parts.folder("registry").join("snapshot.json"));
        registry.persist(snapshot, &parts.shutdown).await;
        registry.start(&parts.shutdown);
        parts.host_registry(&registry);
        server::serve(registry, parts.settings.mesh.registry, Some(parts.registry_secret()), &parts.shutdown).await?;
        Ok(())
    }
    .boxed()
}
