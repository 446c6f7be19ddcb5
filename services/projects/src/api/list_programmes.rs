//! List programmes.

use axum::extract::State;
use futures_util::FutureExt;
use serde::Serialize;
use web::extract::{Json, Signed};

use super::shapes::ProgrammeBody;
use crate::{Error, Projects, store::programmes};

/// List programmes.
#[utoipa::path(get, path = "/api/v1/programmes", tag = "programmes",
    responses((status = 200, body = web::List<ProgrammeBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_programmes(
    State(projects): State<Projects>,
    Signed(caller): Signed,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let list = projects.db.read(&caller, |tx| programmes::list(tx).boxed()).await.map_err(Error::Storage)?;
    Ok(Json(web::List::<ProgrammeBody>::whole(list)))
}
