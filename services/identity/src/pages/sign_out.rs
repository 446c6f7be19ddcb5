//! Sign out.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use http::header::SET_COOKIE;
use web::{
    Ctx,
    extract::{MaybeSigned, OnceKey},
};

use crate::{Identity, actions::sessions, api::forget::Forget, cookie};

pub(crate) async fn submit(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    ctx: Ctx,
    OnceKey(once): OnceKey,
) -> web::Result<(Forget, Response)> {
    if caller.as_person().is_some() {
        identity.write(&caller, once, |tx| sessions::sign_out(tx).boxed()).await?;
    }
    let mut response = ctx.redirect_toast("/sign-in", "identity-signed-out");
    if let Some(line) = cookie::clear(identity.settings()) {
        response.headers_mut().append(SET_COOKIE, line);
    }
    Ok((Forget(caller.person_id()), response))
}
