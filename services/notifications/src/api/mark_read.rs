//! Mark a notification as read.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;

use web::extract::{OnceKey, Path, Signed};

use crate::{
    Notifications,
    actions::{NotificationId, mark_read::mark_read as mark},
};

/// Mark a notification as read.
#[utoipa::path(post, path = "/api/v1/notifications/{notification}/read", tag = "notifications",
    params(("notification" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn mark_read(
    State(notifications): State<Notifications>,
    Signed(caller): Signed,
    Path(id): Path<NotificationId>,
    OnceKey(once): OnceKey,
) -> web::Result<Response> {
    notifications.db().write_once(&caller, once, move |tx| mark(tx, id).boxed()).await?;
    Ok(web::no_content())
}
