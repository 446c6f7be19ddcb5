//! Show what is known of a file.

use axum::extract::State;
use base::Timestamp;
use contracts::ids::FileId;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use crate::{Files, actions::open_file::open_file};

/// A file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileCard {
    #[schema(value_type = uuid::Uuid)]
    pub id: FileId,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    #[schema(value_type = String, format = DateTime)]
    pub stored_at: Timestamp,
}

/// Show a file that you uploaded.
#[utoipa::path(get, path = "/api/v1/files/{file}", tag = "files", params(("file" = uuid::Uuid, Path)),
    responses((status = 200, body = FileCard), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub async fn show_file(
    State(files): State<Files>,
    Signed(caller): Signed,
    Path(id): Path<FileId>,
) -> web::Result<Json<FileCard>> {
    let file = open_file(&files, &caller, id, None).await?;
    Ok(Json(FileCard {
        id,
        name: file.name,
        media_type: file.media_type,
        size_bytes: file.size_bytes,
        sha256: crypto::digest::hex(&file.sha256),
        stored_at: file.created_at,
    }))
}
