//! Invite everybody who waits for it.

use axum::extract::State;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use web::extract::{Json, OnceKey, Signed};

use crate::{Identity, actions::people};

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitedBody {
    /// People who were invited, at most 1,000 at once.
    invited: u32,
    /// Whether more wait.
    more: bool,
}

/// Send an invitation to everybody who has an address, never signed in and has no invitation that is still good.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "people",
    responses((status = 200, body = InvitedBody), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn invite_waiting(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
) -> web::Result<Json<InvitedBody>> {
    let links = identity.links();
    let invited = identity.write(&caller, once, move |tx| people::invite_waiting(tx, links).boxed()).await?;
    Ok(Json(InvitedBody { invited: invited.count, more: invited.more }))
}
