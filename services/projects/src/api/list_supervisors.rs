//! List a cycle's supervisors with what they have taken on.

use axum::extract::State;
use base::PersonId;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, Path, Signed};

use crate::{
    Error, Projects,
    actions::list_cycles::visible,
    model::{ids::CycleId, supervision::Load},
    store::participants,
};

/// A supervisor.
#[derive(Serialize, ToSchema)]
struct SupervisorCard {
    #[schema(value_type = uuid::Uuid)]
    id: PersonId,
    name: String,
    title: String,
    /// Areas of work.
    areas: Vec<String>,
    /// Projects supervised now; more than `supervise_max` when that was lowered later.
    supervising: u32,
    supervise_max: u32,
    chair_max: u32,
    examine_max: u32,
    /// Projects that the supervisor can still take.
    places_left: u32,
}

/// List a cycle's supervisors.
#[utoipa::path(get, path = "/api/v1/cycles/{cycle}/supervisors", tag = "cycles", params(("cycle" = uuid::Uuid, Path)),
    responses((status = 200, body = web::List<SupervisorCard>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_supervisors(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let read = projects.db.read(&caller, |tx| {
        async move {
            let cycle = visible(tx, cycle).await?;
            Ok::<_, Error>(participants::supervisors(tx, cycle.id).await?)
        }
        .boxed()
    });
    Ok(Json(web::List::<SupervisorCard>::whole(read.await?)))
}

impl From<participants::Supervisor> for SupervisorCard {
    fn from(one: participants::Supervisor) -> Self {
        Self {
            areas: one.areas(),
            id: one.person_id,
            name: one.name,
            title: one.title,
            supervising: one.supervising,
            supervise_max: one.supervise_max,
            chair_max: one.chair_max,
            examine_max: one.examine_max,
            places_left: Load { taken: one.supervising, max: one.supervise_max }.left(),
        }
    }
}
