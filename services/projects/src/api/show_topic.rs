//! Show a topic.

use axum::{extract::State, response::IntoResponse};
use base::Timestamp;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use super::shapes::{ProgrammeBody, TopicBody};
use crate::{Projects, actions::show_topic, model::ids::TopicId, store::topic_history::TopicStep};

/// A topic, with what the caller can do with it.
#[derive(Serialize, ToSchema)]
struct WholeTopic {
    #[serde(flatten)]
    topic: TopicBody,
    /// For whom it is; none means everybody.
    programmes: Vec<ProgrammeBody>,
    /// Steps that the caller can take now.
    legal: Vec<&'static str>,
    /// Steps that were taken, the first first; for those who may change the topic.
    history: Vec<TopicStepBody>,
}

/// A step of a topic, taken.
#[derive(Serialize, ToSchema)]
struct TopicStepBody {
    action: &'static str,
    from: &'static str,
    to: &'static str,
    /// Who took it; blank when the installation did.
    by: String,
    reason: String,
    #[schema(value_type = String)]
    at: Timestamp,
}

/// Show a topic.
#[utoipa::path(get, path = "/api/v1/topics/{topic}", tag = "topics", params(("topic" = uuid::Uuid, Path)),
    responses((status = 200, body = WholeTopic, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn show_topic(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(topic): Path<TopicId>,
) -> web::Result<impl IntoResponse> {
    let view = projects.db.read(&caller, |tx| show_topic::show_topic(tx, topic).boxed()).await?;
    let body = WholeTopic {
        topic: view.topic.into(),
        programmes: view.programmes.into_iter().map(ProgrammeBody::from).collect(),
        history: view.history.into_iter().map(TopicStepBody::from).collect(),
        legal: view.legal.iter().map(|action| action.word()).collect(),
    };
    Ok((web::ETag(body.topic.version), Json(body)))
}

impl From<TopicStep> for TopicStepBody {
    fn from(step: TopicStep) -> Self {
        let TopicStep { action, from, to, actor_name: by, reason, at, .. } = step;
        Self { action: action.word(), from: from.word(), to: to.word(), by, reason, at }
    }
}
