//! Propose a project.

use axum::{extract::State, response::Response};
use base::PersonId;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::extract::{Json, OnceKey, Signed};

use super::limits;
use crate::{
    Projects,
    actions::propose::{self, Propose},
    model::ids::{CycleId, ProjectId, TopicId},
};

/// A project to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    #[schema(value_type = uuid::Uuid)]
    cycle: CycleId,
    /// The topic; without one it is an idea of one's own.
    #[schema(value_type = Option<uuid::Uuid>)]
    topic: Option<TopicId>,
    /// Who is asked to supervise an own idea.
    #[schema(value_type = Option<uuid::Uuid>)]
    supervisor: Option<PersonId>,
    #[schema(schema_with = limits::title)]
    title_en: String,
    #[serde(default)]
    #[schema(schema_with = limits::optional_title)]
    title_local: String,
    #[serde(default)]
    #[schema(schema_with = limits::proposal_text)]
    summary: String,
    #[serde(default)]
    #[schema(schema_with = limits::proposal_text)]
    methods: String,
    /// Student numbers of the other members.
    #[serde(default)]
    members: Vec<String>,
}

/// A project proposed.
#[derive(Serialize, ToSchema)]
struct ProposedBody {
    #[schema(value_type = uuid::Uuid)]
    id: ProjectId,
    number: String,
    version: i64,
}

/// Propose a project.
#[utoipa::path(post, path = "/api/v1/projects", tag = "projects", request_body = NewProject,
    responses((status = 201, body = ProposedBody), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn propose(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Json(new): Json<NewProject>,
) -> web::Result<Response> {
    let NewProject { cycle, topic, supervisor, title_en, title_local, summary, methods, members } = new;
    let command = Propose { cycle, topic, supervisor, title_en, title_local, summary, methods, members };
    let made = projects.db.write_once(&caller, once, |tx| propose::propose(tx, command).boxed()).await?;
    let body = ProposedBody { id: made.project, number: made.number, version: made.version };
    Ok(web::created(&format!("/api/v1/projects/{}", body.id), body))
}
