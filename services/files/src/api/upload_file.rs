//! Upload a file.

use axum::{extract::State, response::Response};
use base::Timestamp;
use contracts::file_kind::FileKind;
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{OnceKey, Signed, Streamed};

use crate::{
    Error, Files,
    actions::receive::{Received, admit, receive},
    model::pass::TICKET_FOR,
};

/// The multipart form.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form to readers of the reference; the form itself is read as it streams in"
)]
pub struct UploadForm {
    /// The file; its name decides what its content must be.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A file that was stored, and the ticket that proves it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Uploaded {
    #[schema(value_type = uuid::Uuid)]
    pub id: contracts::ids::FileId,
    /// The name kept: without folders, in composed form.
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// What the file was found to be, by its name and content; where it is handed in, only some kinds may be taken.
    pub kind: FileKind,
    /// Hand this in where the file is wanted, for example with a submission.
    pub ticket: String,
    /// When the ticket ends.
    #[schema(value_type = String, format = DateTime)]
    pub ticket_until: Timestamp,
}

/// Upload a file.
///
/// The answer's `ticket` proves the upload to the other endpoints that want a file.
#[utoipa::path(post, path = "/api/v1/files", tag = "files",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Uploaded), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub async fn upload_file(
    State(files): State<Files>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    headers: HeaderMap,
    Streamed(mut form): Streamed,
) -> web::Result<Response> {
    admit(&files, &headers)?;
    let Some(person) = caller.person_id() else { return Err(Error::NotFound.into()) };
    let received = receive(&files, &caller, once, &mut form).await?.received;
    let now = files.db.ambient().now();
    let ticket = files.keys.ticket(&received.ticket(person), now).map_err(Error::Ticket)?;
    let Received { file, name, media_type, size_bytes, sha256, kind } = received;
    let uploaded =
        Uploaded { id: file, name, media_type, size_bytes, sha256, kind, ticket, ticket_until: now + TICKET_FOR };
    Ok(web::created(&format!("/api/v1/files/{file}"), uploaded))
}
