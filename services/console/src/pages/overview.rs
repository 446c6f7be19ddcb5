//! What of the caller's own university needs a hand: its dead letters, by service. No total of the installation.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;

use base::{Caller, PageRequest};
use contracts::roles::{ADMINISTRATOR, OPERATOR, VOCABULARY};
use messaging::dead_letters;
use web::{Ctx, extract::Signed};

use crate::{Console, Result, policy, policy::permit};

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    ctx: Ctx,
    /// Name of the university.
    university: String,
    services: Vec<ServiceRow>,
    administers: bool,
    operates: bool,
    mails: bool,
}

/// The dead letters of one service.
struct ServiceRow {
    name: &'static str,
    /// A number, with a `+` where there are more than were counted.
    dead: String,
}

pub(crate) async fn show(State(console): State<Console>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    permit(&policy::READ_OVERVIEW, &caller, ctx.now())?;
    let held = VOCABULARY.held(&caller, ctx.now(), None);
    let administers = held.meets(ADMINISTRATOR);
    let tenant = console.tenant(&caller)?;
    let name = if ctx.language() == tenant.language { &tenant.name_local } else { &tenant.name };
    let page = OverviewPage {
        university: name.clone(),
        services: if administers { services(&console, &caller).await? } else { Vec::new() },
        administers,
        operates: held.meets(OPERATOR),
        mails: administers && console.parts().mails.is_some(),
        ctx: ctx.title("console-title"),
    };
    web::html(&page)
}

async fn services(console: &Console, caller: &Caller) -> Result<Vec<ServiceRow>> {
    let mut rows = Vec::new();
    for database in &console.parts().services {
        let page = database
            .read(caller, |tx| async move { dead_letters::list(tx, &PageRequest::default()).await }.boxed())
            .await?;
        let more = if page.next.is_some() { "+" } else { "" };
        rows.push(ServiceRow { name: database.service(), dead: format!("{}{more}", page.items.len()) });
    }
    Ok(rows)
}
