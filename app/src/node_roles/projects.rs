//! The role `projects`: cycles, topics, the project's life, import.

use anyhow::Result;
use futures_util::{FutureExt, future::BoxFuture};

use crate::{parts::Parts, serving};

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let db = parts.database("projects", projects::schema()).await?;
        serving::message(parts, db.clone(), projects::consumers()).await?;
        let service = projects::service(projects::Parts { db, keyring: parts.keyring.clone() });
        serving::serve(parts, service).await
    }
    .boxed()
}
