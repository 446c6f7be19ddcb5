//! The audit record of a service: what was done, by whom and to what.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;

use audit::Record;
use base::PersonId;
use web::{
    Ctx, Pager, Tab,
    extract::{PageQuery, Query, Signed},
};

use super::service_tabs;
use crate::{
    Console,
    policy::{self, permit},
};

#[derive(Template)]
#[template(path = "records.html")]
struct RecordsPage {
    ctx: Ctx,
    service: &'static str,
    tabs: Vec<Tab>,
    records: Vec<Record>,
    pager: Pager,
}

/// Which records are shown.
#[derive(Deserialize)]
pub(crate) struct Filter {
    service: Option<String>,
    /// The beginning of an action's name.
    action: Option<String>,
    person: Option<PersonId>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    Signed(caller): Signed,
    ctx: Ctx,
    Query(filter): Query<Filter>,
    paging: PageQuery,
) -> web::Result<Response> {
    permit(&policy::LIST_RECORDS, &caller, ctx.now())?;
    let database = console.service(filter.service.as_deref())?;
    let wanted =
        audit::Filter { action: filter.action.unwrap_or_default(), person: filter.person, ..audit::Filter::default() };
    let request = paging.request.clone();
    let page =
        database.read(&caller, move |tx| async move { audit::list(tx, &wanted, &request).await }.boxed()).await?;
    let page = paging.seal(page);
    let (service, pager) = (database.service(), paging.pager(&page));
    let tabs = service_tabs(&console, "/console/audit", service);
    let ctx = ctx.title("console-audit").crumb("console-title", "/console");
    web::html(&RecordsPage { ctx, service, tabs, records: page.items, pager })
}
