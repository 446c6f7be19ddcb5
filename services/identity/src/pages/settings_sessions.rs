//! Where one is signed in, and how to end it.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Id;
use contracts::ids::SessionId;
use futures_util::FutureExt;
use http::header::SET_COOKIE;
use serde::Deserialize;
use web::{
    Ctx, Failure, Tab,
    extract::{Form, OnceKey, Signed},
};

use crate::{
    Identity, actions::sessions, api::cookie, api::forget::Forget, api::visitor, model::session::Session, pages,
};

#[derive(Template)]
#[template(path = "settings_sessions.html")]
struct SessionsPage {
    ctx: Ctx,
    tabs: Vec<Tab>,
    sessions: Vec<(Session, bool)>,
}

#[derive(Deserialize)]
pub(crate) struct Ended {
    /// Absent: all of them.
    session: Option<SessionId>,
}

pub(crate) async fn show(State(identity): State<Identity>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    let limits = identity.settings().session_limits();
    let sessions = identity.read(&caller, |tx| sessions::list_sessions(tx, limits).boxed()).await?;
    let current = visitor::session(&caller);
    let marked = |session: Session| {
        let is_current = current == Some(session.id.uuid());
        (session, is_current)
    };
    let sessions = sessions.into_iter().map(marked).collect();
    let tabs = pages::settings_tabs(&ctx);
    web::html(&SessionsPage { ctx: ctx.title("identity-settings-title"), tabs, sessions })
}

pub(crate) async fn end(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Ended>,
) -> web::Result<(Forget, Response)> {
    let Ended { session } = form.input.map_err(Failure::fields)?;
    match session {
        Some(session) => {
            identity.write(&caller, once, move |tx| sessions::end_session(tx, session).boxed()).await?;
        }
        None => identity.write(&caller, once, |tx| sessions::sign_out_everywhere(tx).boxed()).await?,
    }
    let own = session.is_none_or(|session| visitor::session(&caller) == Some(session.uuid()));
    let forget = Forget(caller.person_id());
    if !own {
        return Ok((forget, ctx.redirect_toast("/settings/sessions", "identity-session-ended")));
    }
    let mut response = ctx.redirect_toast("/sign-in", "identity-signed-out");
    if let Some(line) = cookie::clear(identity.settings()) {
        response.headers_mut().append(SET_COOKIE, line);
    }
    Ok((forget, response))
}
