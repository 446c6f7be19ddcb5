//! Mark all of one's notifications as read.

use axum::extract::State;
use futures_util::FutureExt;
use serde::Serialize;

use web::extract::{Json, OnceKey, Signed};

use crate::{Notifications, actions::mark_read::mark_all_read as mark_all};

/// How many were marked.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Marked {
    marked: u64,
}

/// Mark all of one's notifications as read.
#[utoipa::path(post, path = "/api/v1/notifications/read", tag = "notifications",
    responses((status = 200, body = Marked), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn mark_all_read(
    State(notifications): State<Notifications>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
) -> web::Result<Json<Marked>> {
    let marked = notifications.db().write_once(&caller, once, |tx| mark_all(tx).boxed()).await?;
    Ok(Json(Marked { marked }))
}
