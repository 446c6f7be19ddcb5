//! How the installation does, with all its universities: nodes, shards, events on their way. For operators.

use askama::Template;
use axum::{extract::State, response::Response};

use base::Timestamp;
use messaging::{dead_letters, outbox};
use web::{Ctx, extract::Signed};

use crate::{Console, NodeCard, Result, policy, policy::permit};

#[derive(Template)]
#[template(path = "installation.html")]
struct InstallationPage {
    ctx: Ctx,
    nodes: Vec<NodeCard>,
    shards: Vec<(String, &'static str)>,
    services: Vec<ServiceRow>,
    consumers: Vec<(&'static str, i64)>,
    waiting: i64,
    parked: i64,
    dead: i64,
}

/// The events of one service, over all its shards.
struct ServiceRow {
    name: &'static str,
    waiting: i64,
    oldest_at: Option<Timestamp>,
    parked: i64,
    dead: i64,
}

pub(crate) async fn show(State(console): State<Console>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    permit(&policy::READ_INSTALLATION, &caller, ctx.now())?;
    let services = services(&console).await?;
    let sum = |count: fn(&ServiceRow) -> i64| services.iter().map(count).sum();
    let database = console.service(None)?;
    let page = InstallationPage {
        nodes: (console.parts().nodes)(),
        shards: database.shard_names().map(|(name, engine)| (name.to_owned(), engine)).collect(),
        consumers: consumers(&console, database.shards()).await?,
        waiting: sum(|service| service.waiting),
        parked: sum(|service| service.parked),
        dead: sum(|service| service.dead),
        services,
        ctx: ctx.title("console-installation").crumb("console-title", "/console"),
    };
    web::html(&page)
}

async fn services(console: &Console) -> Result<Vec<ServiceRow>> {
    let mut rows = Vec::new();
    for database in &console.parts().services {
        let mut row = ServiceRow { name: database.service(), waiting: 0, oldest_at: None, parked: 0, dead: 0 };
        for shard in 0..database.shards() {
            let depth = outbox::depth(database, shard).await?;
            let counts = dead_letters::count(database, shard).await?;
            row.waiting += depth.events;
            row.oldest_at = row.oldest_at.into_iter().chain(depth.oldest_at).min();
            row.parked += counts.parked;
            row.dead += counts.dead;
        }
        rows.push(row);
    }
    Ok(rows)
}

async fn consumers(console: &Console, shards: usize) -> Result<Vec<(&'static str, i64)>> {
    let mut rows = Vec::new();
    for &name in &console.parts().consumers {
        let mut behind = 0;
        for shard in 0..shards {
            behind += console.parts().bus.behind(shard, name.to_owned()).await?;
        }
        rows.push((name, behind));
    }
    Ok(rows)
}
