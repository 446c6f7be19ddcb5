//! List one's sessions.

use axum::extract::State;
use base::{Id, Timestamp};
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use web::extract::{Json, Signed};

use crate::{Identity, actions::sessions, api::visitor, model::session::Session};

/// A signed-in browser.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    id: Uuid,
    /// Browser and system.
    device: String,
    address: String,
    /// Whether it is the one in use.
    current: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// List the sessions of the person signed in, the newest first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "session",
    responses((status = 200, body = web::List<SessionView>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_sessions(
    State(identity): State<Identity>,
    Signed(caller): Signed,
) -> web::Result<Json<web::List<SessionView>>> {
    let limits = identity.settings().session_limits();
    let sessions = identity.read(&caller, |tx| sessions::list_sessions(tx, limits).boxed()).await?;
    let current = visitor::session(&caller);
    let view = |session: Session| SessionView {
        current: current == Some(session.id.uuid()),
        id: session.id.uuid(),
        device: session.device,
        address: session.address,
        created_at: session.created_at,
        seen_at: session.seen_at,
        expires_at: session.expires_at,
    };
    Ok(Json(web::List::whole(sessions.into_iter().map(view))))
}
