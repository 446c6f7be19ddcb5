//! What statements cost, in this process since it started.

use askama::Template;
use axum::{extract::State, response::Response};

use storage::Database;
use web::{Ctx, extract::Signed};

use crate::{
    model::statement::{Cost, dearest},
    policy,
    state::{Console, permit},
};

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
