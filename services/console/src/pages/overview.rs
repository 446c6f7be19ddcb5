//! What of the caller's own university needs a hand, by service: events given up, and what was done there in the last day. No
//! total of the installation.

use std::{fmt, time::Duration};

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;

use base::{Caller, Page, PageRequest};
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

impl OverviewPage {
    /// Returns whether some service gave up an event.
    fn has_given_up(&self) -> bool {
        self.services.iter().any(|service| service.dead.number > 0)
    }
}

/// One service, by what an administrator looks for.
struct ServiceRow {
    name: &'static str,
    /// What it is for, in the reader's words.
    label: String,
    dead: Count,
    recorded: Count,
}

/// A number, and whether there are more than were counted.
struct Count {
    number: usize,
    more: bool,
}

/// How far back actions are counted.
const RECENT: Duration = Duration::from_hours(24);

pub(crate) async fn show(State(console): State<Console>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    permit(&policy::READ_OVERVIEW, &caller, ctx.now())?;
    let held = VOCABULARY.held(&caller, ctx.now(), None);
    let administers = held.meets(ADMINISTRATOR);
    let tenant = console.tenant(&caller)?;
    let name = if ctx.language() == tenant.language { &tenant.name_local } else { &tenant.name };
    let services = if administers { services(&console, &caller, &ctx).await? } else { Vec::new() };
    let page = OverviewPage {
        university: name.clone(),
        services,
        administers,
        operates: held.meets(OPERATOR),
        mails: administers && console.parts().mails.is_some(),
        ctx: ctx.title("console-title"),
    };
    web::html(&page)
}

async fn services(console: &Console, caller: &Caller, ctx: &Ctx) -> Result<Vec<ServiceRow>> {
    let recent = audit::Filter { from: Some(ctx.now().minus(RECENT)), ..audit::Filter::default() };
    let mut rows = Vec::new();
    for database in &console.parts().services {
        let wanted = recent.clone();
        let (dead, recorded) = database
            .read(caller, move |tx| {
                async move {
                    let dead = dead_letters::list(tx, &PageRequest::default()).await?;
                    let recorded = audit::list(tx, &wanted, &PageRequest::default()).await?;
                    Ok::<_, storage::Error>((Count::of(&dead), Count::of(&recorded)))
                }
                .boxed()
            })
            .await?;
        let name = database.service();
        rows.push(ServiceRow { name, label: label(ctx, name), dead, recorded });
    }
    Ok(rows)
}

/// Returns what a service is for; its name, where nothing is known of it.
fn label(ctx: &Ctx, name: &str) -> String {
    let key = format!("console-service-{name}");
    let text = ctx.t(&key);
    if text == key { name.to_owned() } else { text.to_owned() }
}

impl Count {
    fn of<T>(page: &Page<T>) -> Self {
        Self { number: page.items.len(), more: page.next.is_some() }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, if self.more { "+" } else { "" })
    }
}
