//! Ask for a link to choose a new password.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;
use web::{
    Choice, Ctx, Fields,
    extract::{Form, MaybeSigned, OnceKey},
};

use crate::{
    Error, Identity,
    actions::{
        passwords::{self, ResetRequest},
        sign_in::Origin,
    },
    api::visitor,
    pages,
};

#[derive(Template)]
#[template(path = "forgot_password.html")]
struct ForgotPasswordPage {
    ctx: Ctx,
    form: Fields,
    universities: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    email: String,
    university: Option<String>,
}

pub(crate) async fn show(State(identity): State<Identity>, ctx: Ctx) -> web::Result<Response> {
    page(&identity, ctx, Fields::default())
}

pub(crate) async fn submit(
    State(identity): State<Identity>,
    MaybeSigned(caller): MaybeSigned,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    from: Origin,
    form: Form<Input>,
) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let input = match input {
        Ok(input) => input,
        Err(errors) => return page(&identity, ctx, pages::mark(fields, errors)?),
    };
    let outcome: Result<(), Error> = async {
        let tenant = visitor::university(&identity, &caller, input.university.as_deref())?;
        let request = ResetRequest { email: input.email, address: from.address };
        passwords::request_reset(&identity, &caller, tenant, once, request).await
    }
    .await;
    match outcome {
        Ok(()) => Ok(ctx.redirect_toast("/sign-in", "identity-reset-sent")),
        Err(error) => page(&identity, ctx, pages::mend(fields, error)?),
    }
}

fn page(identity: &Identity, ctx: Ctx, form: Fields) -> web::Result<Response> {
    let universities = pages::universities(identity, &ctx);
    let ctx = ctx.title("identity-forgot-title").crumb("identity-sign-in-title", "/sign-in");
    web::html_with(form.status(), &ForgotPasswordPage { ctx, form, universities })
}
