//! Change a topic.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{BasedOn, Json, Path, Signed};

use super::{limits, shapes::Version};
use crate::{
    Projects,
    actions::change_topic::{self, ChangeTopic},
    model::ids::{ProgrammeId, TopicId},
};

/// What a topic is to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedTopic {
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

/// Change a topic; needs `If-Match`.
#[utoipa::path(put, path = "/api/v1/topics/{topic}", tag = "topics", params(("topic" = uuid::Uuid, Path), BasedOn),
    request_body = ChangedTopic, responses((status = 200, body = Version, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_topic(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(topic): Path<TopicId>,
    BasedOn(version): BasedOn,
    Json(changed): Json<ChangedTopic>,
) -> web::Result<impl IntoResponse> {
    let ChangedTopic { title_en, title_local, summary, area, capacity, programmes } = changed;
    let command = ChangeTopic { topic, version, title_en, title_local, summary, area, capacity, programmes };
    let version = projects.db.write(&caller, |tx| change_topic::change_topic(tx, command).boxed()).await?;
    Ok((web::ETag(version), Json(Version { version })))
}
