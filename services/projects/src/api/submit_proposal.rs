//! Submit a proposal: the first version of a further attempt, or the next version with answers to the changes asked for.

use axum::{extract::State, response::IntoResponse};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{IfMatch, Json, OnceKey, Path, Signed};

use super::{limits, shapes::MovedBody};
use crate::{
    Projects,
    actions::{
        resubmit::{Resubmit, resubmit},
        submit_proposal::{self, SubmitProposal},
    },
    model::{ids::ProjectId, proposal::Answer},
};

/// A version of a proposal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewVersion {
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
    /// Answers to the changes asked for; every change is ticked or answered. Absent for the first version.
    answers: Option<Vec<AnswerBody>>,
}

/// What is said to one change asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerBody {
    #[schema(schema_with = limits::request_position)]
    position: u32,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    #[schema(schema_with = limits::reason)]
    answer: String,
}

/// Submit a version of a proposal.
#[utoipa::path(post, path = "/api/v1/projects/{project}/proposals", tag = "proposals",
    params(("project" = uuid::Uuid, Path), IfMatch), request_body = NewVersion, responses((status = 200, body = MovedBody, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn submit_proposal(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    IfMatch(version): IfMatch,
    OnceKey(once): OnceKey,
    Json(new): Json<NewVersion>,
) -> web::Result<impl IntoResponse> {
    let NewVersion { title_en, title_local, summary, methods, answers } = new;
    let moved = match answers {
        None => {
            let command = SubmitProposal { project, version, title_en, title_local, summary, methods };
            let db = &projects.db;
            db.write_once(&caller, once, |tx| submit_proposal::submit_proposal(tx, command).boxed()).await?
        }
        Some(answers) => {
            let answers = answers.into_iter().map(Answer::from).collect();
            let command = Resubmit { project, version, answers, title_en, title_local, summary, methods };
            projects.db.write_once(&caller, once, |tx| resubmit(tx, command).boxed()).await?
        }
    };
    Ok((web::ETag(moved.version), Json(MovedBody::from(moved))))
}

impl From<AnswerBody> for Answer {
    fn from(body: AnswerBody) -> Self {
        Self { position: body.position, done: body.done, answer: body.answer }
    }
}
