//! Create a topic.

use axum::{extract::State, response::Response};
use base::PersonId;
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{Json, OnceKey, Signed};

use super::{limits, shapes::Made};
use crate::{
    Projects,
    actions::create_topic::{self, CreateTopic},
    model::ids::{CycleId, ProgrammeId},
};

/// A topic to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTopic {
    #[schema(value_type = uuid::Uuid)]
    cycle: CycleId,
    /// Whose topic it is; the caller's when not given.
    #[schema(value_type = Option<uuid::Uuid>)]
    supervisor: Option<PersonId>,
    #[schema(schema_with = limits::title)]
    title_en: String,
    #[serde(default)]
    #[schema(schema_with = limits::optional_title)]
    title_local: String,
    #[serde(default)]
    #[schema(schema_with = limits::topic_summary)]
    summary: String,
    #[serde(default)]
    #[schema(schema_with = limits::optional_title)]
    area: String,
    #[schema(schema_with = limits::capacity)]
    capacity: u32,
    /// For whom it is; none means everybody.
    #[serde(default)]
    #[schema(value_type = Vec<uuid::Uuid>)]
    programmes: Vec<ProgrammeId>,
}

/// Create a topic, as a draft.
#[utoipa::path(post, path = "/api/v1/topics", tag = "topics", request_body = NewTopic,
    responses((status = 201, body = Made), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_topic(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Json(new): Json<NewTopic>,
) -> web::Result<Response> {
    let NewTopic { cycle, supervisor, title_en, title_local, summary, area, capacity, programmes } = new;
    let command = CreateTopic { cycle, supervisor, title_en, title_local, summary, area, capacity, programmes };
    let create = projects.db.write_once(&caller, once, |tx| create_topic::create_topic(tx, command).boxed());
    let id = base::Id::uuid(create.await?);
    Ok(web::created(&format!("/api/v1/topics/{id}"), Made { id }))
}
