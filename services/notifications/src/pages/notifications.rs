//! The list of one's notifications.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;

use base::Timestamp;
use storage::Tx;
use web::{
    Ctx, Pager,
    extract::{Form, OnceKey, PageQuery, Query, Signed},
};

use crate::{
    Notifications, Result,
    actions::{
        Notification, NotificationId,
        list_notifications::list_notifications,
        mark_read::{mark_all_read, mark_read as mark_one_read},
    },
};

#[derive(Template)]
#[template(path = "notifications.html")]
struct NotificationsPage {
    ctx: Ctx,
    rows: Vec<Row>,
    unread: i64,
    only_unread: bool,
    pager: Pager,
}

struct Row {
    id: NotificationId,
    text: String,
    link: String,
    created_at: Timestamp,
    read: bool,
}

/// Which notifications are shown.
#[derive(Deserialize)]
pub(crate) struct Filter {
    show: Option<Shown>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Shown {
    Unread,
}

/// What is to be marked: one, or all when none is named.
#[derive(Deserialize)]
pub(crate) struct Input {
    id: Option<NotificationId>,
}

pub(crate) async fn show(
    State(notifications): State<Notifications>,
    Signed(caller): Signed,
    ctx: Ctx,
    Query(filter): Query<Filter>,
    paging: PageQuery,
) -> web::Result<Response> {
    let only_unread = filter.show == Some(Shown::Unread);
    let request = paging.request.clone();
    let (page, unread) = notifications
        .db()
        .read(&caller, move |tx| async move { list_notifications(tx, only_unread, &request).await }.boxed())
        .await?;
    let page = paging.seal(page.map(|notification| row(&notifications, &ctx, notification)));
    let pager = paging.pager(&page);
    let ctx = ctx.title("notifications-title");
    web::html(&NotificationsPage { ctx, rows: page.items, unread, only_unread, pager })
}

pub(crate) async fn mark_read(
    State(notifications): State<Notifications>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    let input = form.input.map_err(web::Failure::fields)?;
    notifications.db().write_once(&caller, once, move |tx| mark(tx, input).boxed()).await?;
    Ok(ctx.redirect_toast("/notifications", "notifications-marked"))
}

async fn mark(tx: &mut Tx, input: Input) -> Result<()> {
    match input.id {
        Some(id) => mark_one_read(tx, id).await,
        None => mark_all_read(tx).await.map(|_| ()),
    }
}

fn row(notifications: &Notifications, ctx: &Ctx, notification: Notification) -> Row {
    let Notification { id, kind, arguments, link, created_at, read_at } = notification;
    let text = notifications.writer().sentence(ctx.language(), kind, &arguments);
    Row { id, text, link, created_at, read: read_at.is_some() }
}
