//! A table of a cycle as a file.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use web::extract::{Path, Query, Signed};

use crate::{Projects, api::import::export, model::ids::CycleId};

#[derive(Deserialize)]
pub(super) struct Wanted {
    cycle: Option<CycleId>,
}

pub(super) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(file): Path<String>,
    Query(wanted): Query<Wanted>,
) -> web::Result<Response> {
    export(&projects, &caller, &file, wanted.cycle).await
}
