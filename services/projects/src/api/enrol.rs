//! Enrol students and supervisors in a cycle.

use axum::{extract::State, response::Response};
use base::PersonId;
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use super::limits;
use crate::{
    Projects,
    actions::enrol::{self, EnrolStudent},
    model::ids::{CycleId, ProgrammeId},
    store::participants::NewSupervisor,
};

/// A student of a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StudentBody {
    #[schema(value_type = uuid::Uuid)]
    programme: ProgrammeId,
    #[serde(default)]
    classroom: String,
}

/// A supervisor of a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SupervisorBody {
    #[serde(default)]
    title: String,
    #[schema(schema_with = limits::quota)]
    supervise_max: u32,
    #[schema(schema_with = limits::quota)]
    chair_max: u32,
    #[schema(schema_with = limits::quota)]
    examine_max: u32,
    #[serde(default)]
    areas: Vec<String>,
}

/// Enrol a student, or change their programme.
#[utoipa::path(put, path = "/api/v1/cycles/{cycle}/students/{person}", tag = "cycles",
    params(("cycle" = uuid::Uuid, Path), ("person" = uuid::Uuid, Path)), request_body = StudentBody,
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn enrol_student(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path((cycle, person)): Path<(CycleId, PersonId)>,
    Json(body): Json<StudentBody>,
) -> web::Result<Response> {
    let command = EnrolStudent { cycle, person, programme: body.programme, classroom: body.classroom };
    projects.db.write(&caller, |tx| enrol::enrol_student(tx, command).boxed()).await?;
    Ok(web::no_content())
}

/// Enrol a supervisor, or change their quotas.
#[utoipa::path(put, path = "/api/v1/cycles/{cycle}/supervisors/{person}", tag = "cycles",
    params(("cycle" = uuid::Uuid, Path), ("person" = uuid::Uuid, Path)), request_body = SupervisorBody,
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn enrol_supervisor(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path((cycle, person_id)): Path<(CycleId, PersonId)>,
    Json(body): Json<SupervisorBody>,
) -> web::Result<Response> {
    let SupervisorBody { title, supervise_max, chair_max, examine_max, areas } = body;
    let areas = serde_json::to_string(&areas).unwrap_or_default();
    let supervisor = NewSupervisor { person_id, title, supervise_max, chair_max, examine_max, areas };
    projects.db.write(&caller, move |tx| enrol::enrol_supervisor(tx, cycle, supervisor).boxed()).await?;
    Ok(web::no_content())
}
