//! The seam to what carries mail away; the embedded one is a folder.

use std::{
    io,
    path::{Path, PathBuf},
};

use futures_util::{FutureExt, future::BoxFuture};

use contracts::ids::MailId;

/// A mail ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    pub id: MailId,
    /// The university's short name.
    pub tenant: String,
    /// The message as it travels.
    pub bytes: Vec<u8>,
}

/// Takes mails away. The same mail may come twice, after a crash.
pub trait Transport: Send + Sync + 'static {
    /// Takes one; returns when it is safe.
    fn deliver(&self, parcel: Parcel) -> BoxFuture<'_, io::Result<()>>;
}

/// A folder of `.eml` files, in a folder for each university. A file appears whole or not at all, and a mail that comes twice
/// is one file.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Returns the transport into `folder`, which is made when the first mail comes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }
}

impl Transport for Folder {
    fn deliver(&self, parcel: Parcel) -> BoxFuture<'_, io::Result<()>> {
        write(&self.0, parcel).boxed()
    }
}

async fn write(folder: &Path, parcel: Parcel) -> io::Result<()> {
    let folder = folder.join(&parcel.tenant);
    tokio::fs::create_dir_all(&folder).await?;
    let (whole, part) = (folder.join(format!("{}.eml", parcel.id)), folder.join(format!("{}.part", parcel.id)));
    let file = tokio::fs::File::create(&part).await?;
    let mut file = tokio::io::BufWriter::new(file);
    tokio::io::AsyncWriteExt::write_all(&mut file, &parcel.bytes).await?;
    tokio::io::AsyncWriteExt::flush(&mut file).await?;
    file.get_ref().sync_all().await?;
    tokio::fs::rename(part, whole).await
}
