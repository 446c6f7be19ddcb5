//! End one of one's sessions.

use axum::{extract::State, response::Response};
use contracts::ids::SessionId;
use futures_util::FutureExt;
use web::extract::{Path, Signed};

use crate::{Identity, actions::sessions, api::forget::Forget};

/// End a session of the person signed in.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "session", params(("session" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn end_session(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    Path(session): Path<SessionId>,
) -> web::Result<(Forget, Response)> {
    identity.write(&caller, None, move |tx| sessions::end_session(tx, session).boxed()).await?;
    Ok((Forget(caller.person_id()), web::no_content()))
}
