//! List one's notifications.

use axum::extract::State;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use web::extract::{Json, Locale, PageQuery, Query, Signed};

use crate::{Notifications, actions::list_notifications::list_notifications as list};

/// Which notifications are wanted.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only those not read yet.
    unread: Option<bool>,
}

/// What a person was told.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NotificationRow {
    #[schema(value_type = uuid::Uuid)]
    id: crate::actions::NotificationId,
    /// Stable name of what happened, for example `proposal-approved`.
    kind: &'static str,
    /// What happened, in the language asked for.
    text: String,
    /// The page it is about.
    link: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: base::Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<base::Timestamp>,
}

/// List one's notifications, newest first.
#[utoipa::path(get, path = "/api/v1/notifications", tag = "notifications", params(Filter, web::extract::Paging),
    responses((status = 200, body = web::List<NotificationRow>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_notifications(
    State(notifications): State<Notifications>,
    Signed(caller): Signed,
    Locale(language): Locale,
    Query(filter): Query<Filter>,
    paging: PageQuery,
) -> web::Result<Json<web::List<NotificationRow>>> {
    let (unread, request) = (filter.unread.unwrap_or(false), paging.request.clone());
    let (page, _) =
        notifications.db().read(&caller, move |tx| async move { list(tx, unread, &request).await }.boxed()).await?;
    let page = page.map(|it| NotificationRow {
        id: it.id,
        kind: it.kind.name(),
        text: notifications.writer().sentence(language, it.kind, &it.arguments),
        link: it.link,
        created_at: it.created_at,
        read_at: it.read_at,
    });
    Ok(Json(paging.seal(page).into()))
}
