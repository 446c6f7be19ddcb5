//! Create a cycle.

use axum::{extract::State, response::Response};
use base::Timestamp;
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::ToSchema;
use web::extract::{Json, OnceKey, Signed};

use super::{limits, shapes::Made};
use crate::{
    Projects,
    actions::create_cycle::{self, CreateCycle},
    model::{
        cycle::{Dates, Policy},
        ids::TemplateId,
    },
};

/// What a cycle is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCycle {
    #[schema(schema_with = limits::title)]
    name: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    proposals_until_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    final_due_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// Milestones that its projects are planned by; without, they have none.
    #[schema(value_type = Option<uuid::Uuid>)]
    template_id: Option<TemplateId>,
    /// The cycle's rules; what is left out has its default.
    #[serde(default)]
    #[schema(value_type = Object)]
    policy: Policy,
}

impl NewCycle {
    pub(super) fn command(self) -> CreateCycle {
        let Self { name, starts_at, proposals_until_at, final_due_at, ends_at, template_id, policy } = self;
        let dates = Dates { starts_at, proposals_until_at, final_due_at, ends_at };
        CreateCycle { name, dates, template_id, policy }
    }
}

/// Create a cycle, as a draft.
#[utoipa::path(post, path = "/api/v1/cycles", tag = "cycles", request_body = NewCycle,
    responses((status = 201, body = Made), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_cycle(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    Json(new): Json<NewCycle>,
) -> web::Result<Response> {
    let command = new.command();
    let create = projects.db.write_once(&caller, once, |tx| create_cycle::create_cycle(tx, command).boxed());
    let id = base::Id::uuid(create.await?);
    Ok(web::created(&format!("/api/v1/cycles/{id}"), Made { id }))
}
