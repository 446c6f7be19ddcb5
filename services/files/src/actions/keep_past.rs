//! Keep files that were handed in before there was this installation: what a demo shows was never uploaded.

use base::{Caller, TenantId};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use storage::Database;

use crate::{
    error::{Error, Result},
    store::{
        blobs::Blobs,
        files::{self, File},
    },
};

/// Files on their way to the store at once.
const AT_ONCE: usize = 16;

/// Puts the bytes into the store, then makes all files known at once.
pub async fn keep_past(db: &Database, blobs: &Blobs, tenant: TenantId, past: Vec<(File, Vec<u8>)>) -> Result<()> {
    let store = |(file, bytes): (File, Vec<u8>)| async move {
        let mut incoming = blobs.begin(tenant, file.id).await?;
        incoming.write(Bytes::from(bytes)).await?;
        incoming.finish().await?;
        Ok::<File, Error>(file)
    };
    let kept: Vec<File> = stream::iter(past).map(store).buffer_unordered(AT_ONCE).try_collect().await?;
    let caller = Caller::system(tenant, "files.past", db.ambient().id());
    db.write(&caller, move |tx| async move { Ok(files::insert_kept(tx, &kept).await?) }.boxed()).await
}
