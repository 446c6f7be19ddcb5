//! Sign in.

use askama::Template;
use axum::{extract::State, response::Response};
use crypto::Secret;
use http::header::SET_COOKIE;
use serde::Deserialize;
use web::{
    Choice, Ctx, Fields,
    extract::{Form, MaybeSigned, OnceKey, Query},
};

use crate::{
    Identity,
    actions::sign_in::{self, Origin, SignIn, SignedIn},
    api::cookie,
    api::visitor,
    pages,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    ctx: Ctx,
    form: Fields,
    universities: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Next {
    next: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    email: String,
    password: Secret,
    university: Option<String>,
    next: Option<String>,
}

pub(crate) async fn show(
    State(identity): State<Identity>,
    ctx: Ctx,
    Query(Next { next }): Query<Next>,
) -> web::Result<Response> {
    let next = next.unwrap_or_default();
    if ctx.person_name().is_some() {
        return Ok(ctx.redirect(web::local_path(&next)));
    }
    page(&identity, ctx, Fields::default().with("next", &next))
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
    let tenant = match visitor::university(&identity, &caller, input.university.as_deref()) {
        Ok(tenant) => tenant,
        Err(error) => return page(&identity, ctx, pages::mend(fields, error)?),
    };
    let command = SignIn { email: input.email, password: input.password, from, replaces: visitor::session(&caller) };
    match sign_in::sign_in(&identity, &caller, tenant, once, command).await {
        Ok(signed_in) => Ok(welcome(&identity, &ctx, &signed_in, input.next.as_deref())),
        Err(error) => page(&identity, ctx, pages::mend(fields, error)?),
    }
}

fn welcome(identity: &Identity, ctx: &Ctx, signed_in: &SignedIn, next: Option<&str>) -> Response {
    let mut response = ctx.redirect(web::local_path(next.unwrap_or("/")));
    if let Some(line) = cookie::set(identity.settings(), &signed_in.credential) {
        response.headers_mut().append(SET_COOKIE, line);
    }
    response
}

fn page(identity: &Identity, ctx: Ctx, form: Fields) -> web::Result<Response> {
    let universities = pages::universities(identity, &ctx);
    let ctx = ctx.title("identity-sign-in-title");
    web::html_with(form.status(), &SignInPage { ctx, form, universities })
}
