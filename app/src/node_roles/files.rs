//! The role `files`: uploads and downloads.

use anyhow::Result;
use axum::Router;
use files::{Blobs, Files, jobs::sweep};
use futures_util::{FutureExt, future::BoxFuture};
use mesh::node::Route;

use crate::{parts::Parts, serving};

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let db = parts.database("files", files::SCHEMA).await?;
        let blobs = Blobs::in_folder(&parts.folder("files"))?;
        let settings = files::Settings {
            upload_mib_max: parts.settings.files.upload_bytes_max.get() >> 20,
            ..files::Settings::default()
        };
        let files = Files::new(db.clone(), blobs, &parts.keyring, settings);
        serving::message(parts, db, files::consumers()).await?;
        sweep::start(files.clone(), &parts.shutdown);
        let heard_bytes_max = files.heard_bytes_max();
        let service = files::service(files);
        let route = |prefix: &String| Route::new(prefix).body_bytes_max(heard_bytes_max);
        let routes = service.prefixes.iter().map(route).collect();
        serving::serve_beside(parts, service, routes, Router::new()).await
    }
    .boxed()
}
