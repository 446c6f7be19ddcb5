//! Find a file for a download: the caller uploaded it, or brings a grant of the service that keeps the matter it belongs to.

use base::Caller;
use contracts::ids::FileId;
use crypto::token;
use futures_util::FutureExt;

use crate::{
    Files,
    error::{Error, Result},
    store::files::{self, File},
};

/// Returns the file when the caller may have it. Of a file that they may not have, nothing is told but that.
pub async fn open_file(files: &Files, caller: &Caller, id: FileId, grant: Option<&str>) -> Result<File> {
    let Some(person) = caller.person_id() else { return Err(Error::NotFound) };
    let found: Result<Option<File>> =
        files.db.read(caller, |tx| async move { Ok(files::find(tx, id).await?) }.boxed()).await;
    let file = found?.ok_or(Error::NotFound)?;
    if file.uploaded_by == person {
        return Ok(file);
    }
    match files.keys.grant(grant.ok_or(Error::NotFound)?, files.db.ambient().now()) {
        Ok(grant) if grant.file == id && grant.person == person => Ok(file),
        Err(token::Error::Expired) => Err(Error::LinkExpired),
        _ => Err(Error::NotFound),
    }
}
