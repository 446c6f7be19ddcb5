//! The role `files`: uploads and downloads.

use anyhow::Result;
use files::{Blobs, Files, jobs::sweep};
use futures_util::{FutureExt, future::BoxFuture};

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
        serving::serve(parts, files::service(files)).await
    }
    .boxed()
}
