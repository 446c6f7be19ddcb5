//! Create a programme.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{Json, OnceKey, Signed};

use super::{limits, shapes::Made};
use crate::{
    Projects,
    actions::create_programme::{self, CreateProgramme},
};

/// A programme to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProgramme {
    #[schema(schema_with = limits::programme_code)]
    code: String,
    #[schema(schema_with = limits::title)]
    title_en: String,
    #[serde(default)]
    #[schema(schema_with = limits::optional_title)]
    title_local: String,
}

/// Create a programme.
#[utoipa::path(post, path = "/api/v1/programmes", tag = "programmes", request_body = NewProgramme,
    responses((status = 201, body = Made), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_programme(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Json(new): Json<NewProgramme>,
) -> web::Result<Response> {
    let command = CreateProgramme { code: new.code, title_en: new.title_en, title_local: new.title_local };
    let create = projects.db.write_once(&caller, once, |tx| create_programme::create_programme(tx, command).boxed());
    let id = base::Id::uuid(create.await?);
    Ok(web::created("/api/v1/programmes", Made { id }))
}
