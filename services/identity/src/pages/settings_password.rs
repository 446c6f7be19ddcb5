//! Change one's password.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use crypto::Secret;
use serde::Deserialize;
use web::{
    Ctx, Fields, Tab,
    extract::{Form, OnceKey, Signed},
};

use crate::{Error, Identity, actions::passwords, api::forget::Forget, pages};

#[derive(Template)]
#[template(path = "settings_password.html")]
struct PasswordPage {
    ctx: Ctx,
    tabs: Vec<Tab>,
    form: Fields,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    present: Secret,
    password: Secret,
    repeat: Secret,
}

pub(crate) async fn show(Signed(_): Signed, ctx: Ctx) -> web::Result<Response> {
    page(ctx, Fields::default())
}

pub(crate) async fn submit(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let Input { present, password, repeat } = match input {
        Ok(input) => input,
        Err(errors) => return page(ctx, pages::mark(fields, errors)?),
    };
    if password.expose() != repeat.expose() {
        return page(ctx, fields.wrong("repeat", "mismatch"));
    }
    match passwords::change_password(&identity, &caller, once, present, password).await {
        Ok(()) => {
            let response = ctx.redirect_toast("/settings/password", "identity-password-changed");
            Ok((Forget(caller.person_id()), response).into_response())
        }
        Err(Error::TooManyAttempts { .. }) => page(ctx, fields.wrong("present", "too_many_attempts")),
        Err(error) => page(ctx, pages::mend(fields, error)?),
    }
}

fn page(ctx: Ctx, form: Fields) -> web::Result<Response> {
    let tabs = pages::settings_tabs(&ctx);
    let ctx = ctx.title("identity-settings-title");
    web::html_with(form.status(), &PasswordPage { ctx, tabs, form })
}
