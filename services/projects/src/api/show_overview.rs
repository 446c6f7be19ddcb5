//! Show a cycle in figures.

use axum::extract::State;
use base::{PersonId, Timestamp};
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use crate::{
    Projects,
    actions::show_overview::{self, Overview},
    model::ids::{CycleId, ProgrammeId, TemplateId},
};

/// A cycle in figures.
#[derive(Serialize, ToSchema)]
struct OverviewBody {
    /// Milestones that projects are planned by; without, a project that starts has none, and can hand in its final work at once.
    #[schema(value_type = Option<uuid::Uuid>)]
    template_id: Option<TemplateId>,
    /// The programmes that the figures are of; none when they are of the whole university.
    #[schema(value_type = Vec<uuid::Uuid>)]
    programmes: Vec<ProgrammeId>,
    /// Projects by state, in the order of a project's life.
    projects: Vec<Count>,
    topics: Vec<Count>,
    students_enrolled: i64,
    students_placed: i64,
    /// Milestones of running projects past their deadline.
    milestones_overdue: i64,
    bottlenecks: Vec<BottleneckBody>,
}

#[derive(Serialize, ToSchema)]
struct Count {
    state: &'static str,
    count: i64,
    /// Since when the one that has not moved for longest has been there.
    #[schema(value_type = Option<String>)]
    oldest_change_at: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
struct BottleneckBody {
    #[schema(value_type = uuid::Uuid)]
    supervisor: PersonId,
    name: String,
    proposals: i64,
    milestones: i64,
}

/// Show a cycle's figures.
#[utoipa::path(get, path = "/api/v1/cycles/{cycle}/overview", tag = "cycles", params(("cycle" = uuid::Uuid, Path)),
    responses((status = 200, body = OverviewBody), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn show_overview(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
) -> web::Result<Json<impl Serialize>> {
    let overview = projects.db.read(&caller, |tx| show_overview::show_overview(tx, cycle).boxed()).await?;
    Ok(Json(OverviewBody::from(overview)))
}

impl From<Overview> for OverviewBody {
    fn from(overview: Overview) -> Self {
        let project = |one: &crate::store::overview::StateCount| Count {
            state: one.state.word(),
            count: one.projects,
            oldest_change_at: Some(one.oldest_change_at),
        };
        let bottlenecks = overview.bottlenecks.into_iter().map(|one| BottleneckBody {
            supervisor: one.supervisor_id,
            name: one.name,
            proposals: one.proposals,
            milestones: one.milestones,
        });
        Self {
            template_id: overview.cycle.template_id,
            programmes: overview.programmes.iter().map(|one| one.id).collect(),
            projects: overview.states.iter().map(project).collect(),
            topics: overview
                .topics
                .iter()
                .map(|(state, count)| Count { state: state.word(), count: *count, oldest_change_at: None })
                .collect(),
            students_enrolled: overview.students.enrolled,
            students_placed: overview.students.placed,
            milestones_overdue: overview.overdue,
            bottlenecks: bottlenecks.collect(),
        }
    }
}
