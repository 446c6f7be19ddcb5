//! Enrol students and supervisors in a cycle.

use axum::{extract::State, response::Response};
use base::{Id, PersonId};
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{Json, OnceKey, Path, Signed};

use super::{limits, shapes::Made};
use crate::{
    Projects,
    actions::enrol::{self, EnrolStudent, EnrolSupervisor},
    model::{
        ids::{CycleId, ProgrammeId},
        participant::{Newcomer, Whom},
    },
};

/// A student of a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StudentBody {
    #[schema(value_type = uuid::Uuid)]
    programme: ProgrammeId,
    /// What is known stays when it is absent.
    #[serde(default)]
    #[schema(schema_with = limits::word)]
    classroom: Option<String>,
    /// Grade point average, for example `3.45`; what is known stays when it is empty or absent.
    #[serde(default)]
    gpa: String,
}

/// A supervisor of a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SupervisorBody {
    /// What is known stays when it is absent.
    #[serde(default)]
    #[schema(schema_with = limits::word)]
    title: Option<String>,
    /// May be below what is supervised already: no project is lost by it, and none is added.
    #[schema(schema_with = limits::quota)]
    supervise_max: u32,
    #[schema(schema_with = limits::quota)]
    chair_max: u32,
    #[schema(schema_with = limits::quota)]
    examine_max: u32,
    /// What is known stays when they are absent.
    #[serde(default)]
    #[schema(schema_with = limits::areas)]
    areas: Option<Vec<String>>,
}

/// Somebody new to the university.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewcomerBody {
    #[serde(default)]
    #[schema(schema_with = limits::person_name)]
    family_name: String,
    #[serde(default)]
    #[schema(schema_with = limits::person_name)]
    given_name: String,
    #[schema(schema_with = limits::invited_email)]
    email: String,
    #[serde(default)]
    #[schema(schema_with = limits::person_number)]
    number: String,
}

/// A student who is new to the university.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStudentBody {
    person: NewcomerBody,
    student: StudentBody,
}

/// A supervisor who is new to the university.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSupervisorBody {
    person: NewcomerBody,
    supervisor: SupervisorBody,
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
    let command = body.command(cycle, Whom::Known(person));
    projects.db.write(&caller, |tx| enrol::enrol_student(tx, command).boxed()).await?;
    Ok(web::no_content())
}

/// Enrol a student who is new to the university, and invite them.
#[utoipa::path(post, path = "/api/v1/cycles/{cycle}/students", tag = "cycles",
    params(("cycle" = uuid::Uuid, Path)), request_body = NewStudentBody,
    responses((status = 201, body = Made), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn enrol_new_student(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Path(cycle): Path<CycleId>,
    Json(body): Json<NewStudentBody>,
) -> web::Result<Response> {
    let command = body.student.command(cycle, body.person.whom());
    let enrol = projects.db.write_once(&caller, once, |tx| enrol::enrol_student(tx, command).boxed());
    Ok(made(enrol.await?))
}

/// Enrol a supervisor, or change their quotas.
#[utoipa::path(put, path = "/api/v1/cycles/{cycle}/supervisors/{person}", tag = "cycles",
    params(("cycle" = uuid::Uuid, Path), ("person" = uuid::Uuid, Path)), request_body = SupervisorBody,
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn enrol_supervisor(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path((cycle, person)): Path<(CycleId, PersonId)>,
    Json(body): Json<SupervisorBody>,
) -> web::Result<Response> {
    let command = body.command(cycle, Whom::Known(person));
    projects.db.write(&caller, |tx| enrol::enrol_supervisor(tx, command).boxed()).await?;
    Ok(web::no_content())
}

/// Enrol a supervisor who is new to the university, and invite them.
#[utoipa::path(post, path = "/api/v1/cycles/{cycle}/supervisors", tag = "cycles",
    params(("cycle" = uuid::Uuid, Path)), request_body = NewSupervisorBody,
    responses((status = 201, body = Made), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn enrol_new_supervisor(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Path(cycle): Path<CycleId>,
    Json(body): Json<NewSupervisorBody>,
) -> web::Result<Response> {
    let command = body.supervisor.command(cycle, body.person.whom());
    let enrol = projects.db.write_once(&caller, once, |tx| enrol::enrol_supervisor(tx, command).boxed());
    Ok(made(enrol.await?))
}

impl StudentBody {
    fn command(self, cycle: CycleId, whom: Whom) -> EnrolStudent {
        let Self { programme, classroom, gpa } = self;
        EnrolStudent { cycle, whom, programme, classroom, gpa }
    }
}

impl SupervisorBody {
    fn command(self, cycle: CycleId, whom: Whom) -> EnrolSupervisor {
        let Self { title, supervise_max, chair_max, examine_max, areas } = self;
        EnrolSupervisor { cycle, whom, title, supervise_max, chair_max, examine_max, areas }
    }
}

impl NewcomerBody {
    fn whom(self) -> Whom {
        let Self { family_name, given_name, email, number } = self;
        Whom::New(Newcomer { family_name, given_name, email, number })
    }
}

fn made(person: PersonId) -> Response {
    web::created(&format!("/api/v1/people/{person}"), Made { id: person.uuid() })
}
