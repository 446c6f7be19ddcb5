//! Ask for changes to a proposal.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::{limits, shapes::MovedBody};
use crate::{
    Projects,
    actions::request_changes::{self, RequestChanges},
    model::ids::ProjectId,
};

/// What is to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wished {
    /// Item by item.
    #[schema(schema_with = limits::requests)]
    requests: Vec<String>,
}

/// Ask for changes.
#[utoipa::path(post, path = "/api/v1/projects/{project}/change-requests", tag = "proposals",
    params(("project" = uuid::Uuid, Path), IfMatch), request_body = Wished, responses((status = 200, body = MovedBody, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn request_changes(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
    Json(wished): Json<Wished>,
) -> web::Result<impl IntoResponse> {
    let command = RequestChanges { project, version, requests: wished.requests };
    let ask = projects.db.write_once(&caller, once, |tx| request_changes::request_changes(tx, command).boxed());
    let moved = ask.await?;
    Ok((web::ETag(moved.version), Json(MovedBody::from(moved))))
}
