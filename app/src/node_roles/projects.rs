//! The role `projects`: cycles, topics, the project's life, import.

use anyhow::Result;
use futures_util::{FutureExt, future::BoxFuture};
use projects::jobs::keep_time;

use crate::{parts::Parts, serving};

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let db = parts.database("projects", projects::schema()).await?;
        serving::message(parts, db.clone(), projects::consumers()).await?;
        keep_time::start(&db, &parts.shutdown);
        let service = projects::service(projects::Parts { db, keyring: parts.keyring.clone() });
        serving::serve(parts, service).await
    }
    .boxed()
}
