//! Create a milestone template.

use axum::{extract::State, response::Response};
use contracts::file_kind::FileKind;
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{Json, OnceKey, Signed};

use super::{limits, shapes::Made};
use crate::{
    Projects,
    actions::create_template::{self, CreateTemplate},
    model::{accepted::Accepted, milestone::Item},
};

/// A template to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTemplate {
    #[schema(schema_with = limits::title)]
    name: String,
    items: Vec<NewItem>,
}

/// One milestone of a template.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewItem {
    #[schema(schema_with = limits::title)]
    title_en: String,
    #[serde(default)]
    #[schema(schema_with = limits::optional_title)]
    title_local: String,
    #[schema(schema_with = limits::opens_days)]
    opens_days: u16,
    #[schema(schema_with = limits::due_days)]
    due_days: u16,
    mandatory: bool,
    /// Kinds of files that are taken for it; all but `other` when it is absent.
    #[serde(default)]
    accepts: Option<Vec<FileKind>>,
}

/// Create a milestone template.
#[utoipa::path(post, path = "/api/v1/templates", tag = "cycles", request_body = NewTemplate,
    responses((status = 201, body = Made), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_template(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Json(new): Json<NewTemplate>,
) -> web::Result<Response> {
    let item = |one: NewItem| {
        let NewItem { title_en, title_local, opens_days, due_days, mandatory, accepts } = one;
        let accepts = accepts.map_or_else(Accepted::default, |kinds| Accepted::of(&kinds));
        Item { title_en, title_local, opens_days, due_days, mandatory, accepts }
    };
    let command = CreateTemplate { name: new.name, items: new.items.into_iter().map(item).collect() };
    let create = projects.db.write_once(&caller, once, |tx| create_template::create_template(tx, command).boxed());
    let id = base::Id::uuid(create.await?);
    Ok(web::created("/api/v1/templates", Made { id }))
}
