//! Offer, open, return, close or archive a topic.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::{choices, limits};
use crate::{
    Projects,
    actions::move_topic::{self, MoveTopic},
    model::{ids::TopicId, topic::Action},
};

/// What to do with a topic.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopicStep {
    #[schema(schema_with = choices::topic_steps)]
    action: Action,
    #[serde(default)]
    #[schema(schema_with = limits::topic_reason)]
    reason: String,
}

/// A topic's state now.
#[derive(Serialize, ToSchema)]
struct TopicState {
    state: &'static str,
    version: i64,
}

/// Take a step of a topic.
#[utoipa::path(post, path = "/api/v1/topics/{topic}/steps", tag = "topics", params(("topic" = uuid::Uuid, Path), IfMatch),
    request_body = TopicStep, responses((status = 200, body = TopicState, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn move_topic(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(topic): Path<TopicId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
    Json(step): Json<TopicStep>,
) -> web::Result<impl IntoResponse> {
    let command = MoveTopic { topic, action: step.action, version, reason: step.reason };
    let moved = projects.db.write_once(&caller, once, |tx| move_topic::move_topic(tx, command).boxed()).await?;
    Ok((web::ETag(moved.version), Json(TopicState { state: moved.state.word(), version: moved.version })))
}
