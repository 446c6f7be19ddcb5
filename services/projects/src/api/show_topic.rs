//! Show a topic.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use super::shapes::{ProgrammeBody, TopicBody};
use crate::{Projects, actions::show_topic, model::ids::TopicId};

/// A topic, with what the caller can do with it.
#[derive(Serialize, ToSchema)]
struct WholeTopic {
    #[serde(flatten)]
    topic: TopicBody,
    /// For whom it is; none means everybody.
    programmes: Vec<ProgrammeBody>,
    /// Steps that the caller can take now.
    legal: Vec<&'static str>,
}

/// Show a topic.
#[utoipa::path(get, path = "/api/v1/topics/{topic}", tag = "topics", params(("topic" = uuid::Uuid, Path)),
    responses((status = 200, body = WholeTopic), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn show_topic(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(topic): Path<TopicId>,
) -> web::Result<impl IntoResponse> {
    let view = projects.db.read(&caller, |tx| show_topic::show_topic(tx, topic).boxed()).await?;
    let body = WholeTopic {
        topic: view.topic.into(),
        programmes: view.programmes.into_iter().map(ProgrammeBody::from).collect(),
        legal: view.legal.iter().map(|action| action.word()).collect(),
    };
    Ok((web::ETag(body.topic.version), Json(body)))
}
