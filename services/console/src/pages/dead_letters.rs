//! The events that consumers gave up, and sending one again. What an event says is not shown: it may hold a link that signs in.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;

use messaging::{DeadLetter, EventId, dead_letters};
use web::{
    Ctx, Pager, Tab,
    extract::{Form, OnceKey, PageQuery, Query, Signed},
};

use super::service_tabs;
use crate::{
    Console,
    actions::send_again::send_again,
    policy::{self, permit},
};

#[derive(Template)]
#[template(path = "dead_letters.html")]
struct DeadLettersPage {
    ctx: Ctx,
    service: &'static str,
    tabs: Vec<Tab>,
    letters: Vec<DeadLetter>,
    pager: Pager,
}

/// Which service's dead letters are shown.
#[derive(Deserialize)]
pub(crate) struct Filter {
    service: Option<String>,
}

/// Which dead letter is to be sent again.
#[derive(Deserialize)]
pub(crate) struct Input {
    service: String,
    consumer: String,
    event: EventId,
}

pub(crate) async fn show(
    State(console): State<Console>,
    Signed(caller): Signed,
    ctx: Ctx,
    Query(filter): Query<Filter>,
    paging: PageQuery,
) -> web::Result<Response> {
    permit(&policy::LIST_DEAD_LETTERS, &caller, ctx.now())?;
    let database = console.service(filter.service.as_deref())?;
    let request = paging.request.clone();
    let page = database.read(&caller, move |tx| async move { dead_letters::list(tx, &request).await }.boxed()).await?;
    let page = paging.seal(page);
    let (service, pager) = (database.service(), paging.pager(&page));
    let tabs = service_tabs(&console, "/console/dead-letters", service);
    let ctx = ctx.title("console-dead").crumb("console-title", "/console");
    web::html(&DeadLettersPage { ctx, service, tabs, letters: page.items, pager })
}

pub(crate) async fn send(
    State(console): State<Console>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    permit(&policy::SEND_AGAIN, &caller, ctx.now())?;
    let Input { service, consumer, event } = form.input.map_err(web::Failure::fields)?;
    let database = console.service(Some(&service))?;
    database.write_once(&caller, once, move |tx| send_again(tx, consumer, event).boxed()).await?;
    let back = format!("/console/dead-letters?service={}", database.service());
    Ok(ctx.redirect_toast(&back, "console-sent-again"))
}
