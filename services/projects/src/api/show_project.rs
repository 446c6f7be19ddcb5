//! Show a project.

use axum::{extract::State, response::IntoResponse};
use base::{PersonId, Timestamp};
use contracts::roles::VOCABULARY;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use super::shapes::{ChangeBody, MilestoneBody, PersonBody, SubmissionBody};
use crate::{
    Projects,
    actions::show_project::{self, ProjectView},
    model::ids::{CycleId, ProjectId, TopicId},
    store::proposals::Proposal,
};

/// A project as those concerned see it.
#[derive(Serialize, ToSchema)]
struct ProjectBody {
    #[schema(value_type = uuid::Uuid)]
    id: ProjectId,
    #[schema(value_type = uuid::Uuid)]
    cycle: CycleId,
    number: String,
    #[schema(value_type = Option<uuid::Uuid>)]
    topic: Option<TopicId>,
    title_en: String,
    title_local: String,
    state: &'static str,
    attempt: u16,
    supervisor: PersonBody,
    members: Vec<MemberBody>,
    #[schema(value_type = Option<String>)]
    due_at: Option<Timestamp>,
    proposals: Vec<ProposalBody>,
    /// What was asked to change in the version last asked about; those of every version are with their proposal.
    changes: Vec<ChangeBody>,
    milestones: Vec<MilestoneBody>,
    submissions: Vec<SubmissionBody>,
    /// Steps that the caller can take now.
    legal: Vec<&'static str>,
    /// Steps that are the caller's, and what is missing for them.
    blocked: Vec<Blocked>,
    /// Roles and relations of those who act next.
    acts_next: Vec<&'static str>,
    version: i64,
}

#[derive(Serialize, ToSchema)]
struct MemberBody {
    #[schema(value_type = uuid::Uuid)]
    id: PersonId,
    name: String,
    confirmed: bool,
}

#[derive(Serialize, ToSchema)]
struct ProposalBody {
    version: u32,
    title_en: String,
    title_local: String,
    summary: String,
    methods: String,
    #[schema(value_type = String)]
    submitted_at: Timestamp,
    /// What was asked to change in this version, with what was answered.
    changes: Vec<ChangeBody>,
}

#[derive(Serialize, ToSchema)]
struct Blocked {
    action: &'static str,
    missing: Vec<&'static str>,
}

/// Show a project.
#[utoipa::path(get, path = "/api/v1/projects/{project}", tag = "projects", params(("project" = uuid::Uuid, Path)),
    responses((status = 200, body = ProjectBody, headers(("ETag" = String))), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn show_project(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
) -> web::Result<impl IntoResponse> {
    let view = projects.db.read(&caller, |tx| show_project::show_project(tx, project).boxed()).await?;
    let body = ProjectBody::from(view);
    Ok((web::ETag(body.version), Json(body)))
}

impl From<ProjectView> for ProjectBody {
    fn from(view: ProjectView) -> Self {
        let changes = |version| view.changes_in(version).cloned().map(ChangeBody::from).collect();
        let last_asked = view.last_asked().map(changes).unwrap_or_default();
        let proposal = |one: &Proposal| ProposalBody::new(one.clone(), changes(one.version));
        let proposals = view.proposals.iter().map(proposal).collect();
        let project = view.case.project;
        let member = |one: crate::store::members::Member| MemberBody {
            id: one.person_id,
            name: one.name,
            confirmed: one.confirmed_at.is_some(),
        };
        let blocked = view.options.iter().filter(|choice| !choice.missing.is_empty()).map(|choice| Blocked {
            action: choice.action.word(),
            missing: choice.missing.iter().map(|guard| guard.word()).collect(),
        });
        Self {
            id: project.id,
            cycle: project.cycle_id,
            number: project.number,
            topic: project.topic_id,
            title_en: project.title_en,
            title_local: project.title_local,
            state: project.state.word(),
            attempt: project.attempt,
            supervisor: PersonBody { id: project.supervisor_id, name: view.supervisor_name },
            members: view.case.members.into_iter().map(member).collect(),
            due_at: project.due_at,
            proposals,
            changes: last_asked,
            milestones: view.milestones.into_iter().map(MilestoneBody::from).collect(),
            submissions: view.submissions.into_iter().map(SubmissionBody::from).collect(),
            legal: view.legal.iter().map(|action| action.word()).collect(),
            blocked: blocked.collect(),
            acts_next: VOCABULARY.names(view.next),
            version: project.version,
        }
    }
}

impl ProposalBody {
    fn new(one: Proposal, changes: Vec<ChangeBody>) -> Self {
        let Proposal { version, title_en, title_local, summary, methods, submitted_at } = one;
        Self { version, title_en, title_local, summary, methods, submitted_at, changes }
    }
}
