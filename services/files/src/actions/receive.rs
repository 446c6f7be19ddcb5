//! Take in a file: its bytes go to the blob store as they come, hashed on the way; then one transaction makes it known.
//!
//! Whatever goes wrong, and wherever, nothing stays: the bytes are given up, and the row that announced them is removed.
//! What a crash leaves is found by `jobs/sweep.rs`.

use std::time::Duration;

use axum::extract::{Multipart, multipart::Field};
use base::{Caller, Once, PersonId};
use bytes::Bytes;
use contracts::{events::files::FileStored, file_kind::FileKind, ids::FileId, passes::UploadTicket};
use crypto::digest::{self, Sha256};
use futures_util::FutureExt;
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::Tx;

use crate::{
    Files,
    error::{Error, Result},
    model::{
        content::{self, HEAD_BYTES, Told},
        name,
    },
    policy,
    store::files::{self, File},
};

/// The form's field with the file.
const FILE_FIELD: &str = "file";
/// Most other fields of the form.
const FIELDS_MAX: usize = 16;
/// Most bytes of another field.
const FIELD_BYTES_MAX: usize = 4 * 1024;
/// Most bytes of a form beside its file.
const FORM_BYTES_MAX: u64 = 128 * 1024;
const DAY: Duration = Duration::from_hours(24);

/// A file taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub file: FileId,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// What it was found to be.
    #[serde(default)]
    pub kind: FileKind,
}

/// What a form brought.
pub struct Form {
    /// The other fields, as they came.
    pub fields: Vec<(String, String)>,
    pub received: Received,
}

impl Form {
    /// Returns the value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// The bytes are in the store; nobody knows of them yet.
struct Kept {
    name: String,
    told: Told,
    size_bytes: u64,
    sha256: [u8; 32],
}

/// Refuses a form that announces more bytes than a file may have, before any of them comes.
pub fn admit(files: &Files, headers: &HeaderMap) -> Result<()> {
    let bytes_max = files.settings.upload_bytes_max();
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > bytes_max.saturating_add(FORM_BYTES_MAX)) {
        return Err(Error::TooLarge { bytes_max });
    }
    Ok(())
}

/// Takes in the one file of a multipart form.
pub async fn receive(files: &Files, caller: &Caller, once: Option<Once>, form: &mut Multipart) -> Result<Form> {
    let Some(person) = caller.person_id() else { return Err(Error::NotFound) };
    let (limit, bytes_max) = (files.settings.unclaimed_mib_max, files.settings.upload_bytes_max());
    let id = files.db.write(caller, move |tx| begin(tx, person, limit.saturating_mul(1 << 20)).boxed()).await?;
    let outcome = match collect(files, caller, (id, bytes_max), form).await {
        Ok((fields, kept)) => {
            finish(files, caller, once, (id, person, kept)).await.map(|received| Form { fields, received })
        }
        Err(error) => Err(error),
    };
    // Nothing under this id was made known: it failed, or the same request was answered before.
    if outcome.as_ref().map_or(true, |form| form.received.file != id) {
        files.blobs.remove(caller.tenant(), id).await?;
        let forgotten: Result<()> =
            files.db.write(caller, move |tx| async move { Ok(files::abandon(tx, id).await?) }.boxed()).await;
        forgotten?;
    }
    outcome
}

async fn begin(tx: &mut Tx, person: PersonId, bytes_max: u64) -> Result<FileId> {
    let since = tx.now().minus(DAY);
    let unclaimed = files::unclaimed_bytes(tx, person, since).await?;
    if u64::try_from(unclaimed).unwrap_or(0) >= bytes_max {
        return Err(Error::TooMuch { bytes_max });
    }
    let id: FileId = tx.id();
    files::begin(tx, id, person).await?;
    Ok(id)
}

/// Reads the form to its end. The file goes to the store, the other fields are kept.
async fn collect(
    files: &Files,
    caller: &Caller,
    (id, bytes_max): (FileId, u64),
    form: &mut Multipart,
) -> Result<(Vec<(String, String)>, Kept)> {
    let (mut fields, mut kept) = (Vec::new(), None);
    while let Some(mut field) = form.next_field().await.map_err(|error| broken(&error))? {
        let field_name = field.name().unwrap_or_default().to_owned();
        if field_name == FILE_FIELD {
            if kept.is_some() {
                return Err(Error::SeveralFiles);
            }
            kept = Some(keep(files, caller, (id, bytes_max), &mut field).await?);
        } else if fields.len() < FIELDS_MAX {
            fields.push((field_name, text(&mut field).await?));
        }
    }
    Ok((fields, kept.ok_or(Error::NoFile)?))
}

async fn keep(files: &Files, caller: &Caller, (id, bytes_max): (FileId, u64), field: &mut Field<'_>) -> Result<Kept> {
    let given = field.file_name().unwrap_or_default().to_owned();
    let mut incoming = files.blobs.begin(caller.tenant(), id).await?;
    let (mut head, mut digest, mut size_bytes) = (Vec::new(), Sha256::new(), 0_u64);
    let outcome = loop {
        let chunk: Bytes = match field.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break Ok(()),
            Err(error) => break Err(broken(&error)),
        };
        size_bytes += chunk.len() as u64;
        if size_bytes > bytes_max {
            break Err(Error::TooLarge { bytes_max });
        }
        let wanted = HEAD_BYTES.saturating_sub(head.len()).min(chunk.len());
        head.extend_from_slice(chunk.get(..wanted).unwrap_or_default());
        digest.update(&chunk);
        if let Err(error) = incoming.write(chunk).await {
            break Err(error.into());
        }
    };
    let name = name::sanitise(&given);
    let outcome = outcome.and_then(|()| match content::tell(&name::ending(&name), &head) {
        _ if size_bytes == 0 && given.is_empty() => Err(Error::NoFile),
        _ if size_bytes == 0 => Err(Error::Empty),
        Ok(told) => Ok(told),
        Err(expected) => Err(Error::WrongContent { name: name.clone(), expected }),
    });
    match outcome {
        Ok(told) => {
            incoming.finish().await?;
            Ok(Kept { name, told, size_bytes, sha256: digest.finish() })
        }
        Err(error) => {
            incoming.abort().await?;
            Err(error)
        }
    }
}

async fn text(field: &mut Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(Error::broken_off("a field is too long"));
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::broken_off("a field is not UTF-8"))
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Error {
    Error::broken_off(error.body_text())
}

async fn finish(
    files: &Files,
    caller: &Caller,
    once: Option<Once>,
    (id, person, kept): (FileId, PersonId, Kept),
) -> Result<Received> {
    // The kit cannot know a streamed body; its digest is what makes two requests the same.
    let once = once.map(|once| {
        let mut digest = Sha256::new();
        digest.update(once.fingerprint);
        digest.update(kept.sha256);
        Once { fingerprint: digest.finish(), ..once }
    });
    files.db.write_once(caller, once, move |tx| make_known(tx, id, person, kept).boxed()).await
}

async fn make_known(tx: &mut Tx, id: FileId, person: PersonId, kept: Kept) -> Result<Received> {
    let now = tx.now();
    let file = File {
        id,
        name: kept.name,
        media_type: kept.told.media_type.to_owned(),
        size_bytes: i64::try_from(kept.size_bytes).unwrap_or(i64::MAX),
        sha256: kept.sha256,
        uploaded_by: person,
        created_at: now,
    };
    if !files::finish(tx, &file).await? {
        return Err(Error::broken_off("the upload took too long"));
    }
    let sha256 = digest::hex(&file.sha256);
    let event = FileStored {
        file: id,
        name: file.name.clone(),
        size_bytes: kept.size_bytes,
        sha256: sha256.clone(),
        media_type: file.media_type.clone(),
        uploaded_by: person,
        stored_at: now,
    };
    messaging::emit(tx, &event).await?;
    let detail = json!({ "size_bytes": file.size_bytes, "sha256": sha256 });
    audit::record(tx, audit::Entry::new(policy::UPLOAD.name).object("file", id).detail(&detail)).await?;
    let File { name, media_type, size_bytes, .. } = file;
    Ok(Received { file: id, name, media_type, size_bytes, sha256, kind: kept.told.kind })
}

impl Received {
    /// Returns the ticket that proves this upload to other services.
    pub fn ticket(&self, person: PersonId) -> UploadTicket {
        UploadTicket {
            file: self.file,
            name: self.name.clone(),
            size_bytes: self.size_bytes,
            sha256: self.sha256.clone(),
            kind: self.kind,
            person,
        }
    }
}
