//! Choose a password by the link of a mail: the first by an invitation, another by a reset.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Caller;
use crypto::Secret;
use http::header::SET_COOKIE;
use serde::Deserialize;
use web::{
    Ctx, Fields,
    extract::{Form, MaybeSigned, OnceKey, Query},
};

use crate::{
    Identity,
    actions::passwords::{self, Choice},
    api::cookie,
    api::forget::Forget,
    model::link::Purpose,
    pages,
};

#[derive(Template)]
#[template(path = "choose_password.html")]
struct ChoosePasswordPage {
    ctx: Ctx,
    form: Fields,
    action: &'static str,
    lede: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct Shown {
    token: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    token: Secret,
    password: Secret,
    repeat: Secret,
}

/// Who chooses by which link.
struct Visit {
    caller: Caller,
    ctx: Ctx,
    purpose: Purpose,
}

pub(crate) async fn show_reset(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    ctx: Ctx,
    Query(shown): Query<Shown>,
) -> web::Result<Response> {
    show(&identity, Visit { caller, ctx, purpose: Purpose::PasswordReset }, shown).await
}

pub(crate) async fn show_invitation(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    ctx: Ctx,
    Query(shown): Query<Shown>,
) -> web::Result<Response> {
    show(&identity, Visit { caller, ctx, purpose: Purpose::Invitation }, shown).await
}

pub(crate) async fn reset(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    ctx: Ctx,
    once: OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    submit(&identity, Visit { caller, ctx, purpose: Purpose::PasswordReset }, once, form).await
}

pub(crate) async fn accept(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    ctx: Ctx,
    once: OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    submit(&identity, Visit { caller, ctx, purpose: Purpose::Invitation }, once, form).await
}

async fn show(identity: &Identity, visit: Visit, shown: Shown) -> web::Result<Response> {
    let token = shown.token.unwrap_or_default();
    passwords::find_link(identity, &visit.caller, &token, visit.purpose).await?;
    page(visit, Fields::default().with("token", &token))
}

async fn submit(identity: &Identity, visit: Visit, OnceKey(once): OnceKey, form: Form<Input>) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let Input { token, password, repeat } = match input {
        Ok(input) => input,
        Err(errors) => return page(visit, pages::mark(fields, errors)?),
    };
    if password.expose() != repeat.expose() {
        return page(visit, fields.wrong("repeat", "mismatch"));
    }
    let choice = Choice { token, purpose: visit.purpose, password };
    match passwords::choose_password(identity, &visit.caller, once, choice).await {
        Ok(person) => {
            let mut response = visit.ctx.redirect_toast("/sign-in", "identity-password-chosen");
            if let Some(line) = cookie::clear(identity.settings()) {
                response.headers_mut().append(SET_COOKIE, line);
            }
            Ok((Forget(Some(person)), response).into_response())
        }
        Err(error) => page(visit, pages::mend(fields, error)?),
    }
}

fn page(visit: Visit, form: Fields) -> web::Result<Response> {
    let (title, lede) = match visit.purpose {
        Purpose::Invitation => ("identity-invitation-title", "identity-invitation-lede"),
        Purpose::PasswordReset => ("identity-reset-title", "identity-reset-lede"),
    };
    let ctx = visit.ctx.title(title);
    web::html_with(form.status(), &ChoosePasswordPage { ctx, form, action: visit.purpose.path(), lede })
}
