//! What statements cost, in this process since it started.

use askama::Template;
use axum::{extract::State, response::Response};

use storage::{Database, Statement, statement::Usage};
use web::{Ctx, extract::Signed};

use crate::{
    Console,
    policy::{self, permit},
};

/// How many are shown.
const SHOWN_MAX: usize = 20;

#[derive(Template)]
#[template(path = "statements.html")]
struct StatementsPage {
    ctx: Ctx,
    costs: Vec<Cost>,
}

pub(crate) async fn show(State(console): State<Console>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    permit(&policy::READ_STATEMENTS, &caller, ctx.now())?;
    let costs = dearest(console.parts().services.iter().flat_map(Database::statements));
    let ctx = ctx.title("console-statements").crumb("console-title", "/console");
    web::html(&StatementsPage { ctx, costs })
}

/// A statement and what it has cost.
#[derive(Debug, Clone)]
struct Cost {
    id: &'static str,
    sql: &'static str,
    usage: Usage,
    /// Its part in the time of all statements, in tenths of a percent.
    share_permille: u64,
}

impl Cost {
    /// Returns the mean time of a run, in microseconds.
    fn mean_us(&self) -> u128 {
        self.usage.time_total.as_micros() / u128::from(self.usage.calls.max(1))
    }

    /// Returns its part in the time of all statements, as text.
    fn share(&self) -> String {
        format!("{}.{} %", self.share_permille / 10, self.share_permille % 10)
    }
}

/// Returns the statements that took most time in all, the dearest first. A statement of several databases is one.
fn dearest(statements: impl Iterator<Item = &'static Statement>) -> Vec<Cost> {
    let mut costs: Vec<Cost> = statements
        .map(|statement| Cost { id: statement.id, sql: statement.sql, usage: statement.usage(), share_permille: 0 })
        .filter(|cost| cost.usage.calls > 0)
        .collect();
    costs.sort_by_key(|cost| cost.id);
    costs.dedup_by_key(|cost| cost.id);
    let all: u128 = costs.iter().map(|cost| cost.usage.time_total.as_nanos()).sum();
    for cost in &mut costs {
        let permille = cost.usage.time_total.as_nanos() * 1_000 / all.max(1);
        cost.share_permille = u64::try_from(permille).unwrap_or(0);
    }
    costs.sort_by_key(|cost| std::cmp::Reverse(cost.usage.time_total));
    costs.truncate(SHOWN_MAX);
    costs
}
