//! One's own settings: name and language.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Caller, Grant};
use futures_util::FutureExt;
use http::header::SET_COOKIE;
use serde::Deserialize;
use web::{
    Choice, Ctx, Fields, Tab,
    extract::{Form, OnceKey, Signed},
};

use crate::{
    Error, Identity,
    actions::{memberships, people, people::Details, profile},
    api::cookie,
    api::forget::Forget,
    pages,
};

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    ctx: Ctx,
    tabs: Vec<Tab>,
    form: Fields,
    languages: Vec<Choice>,
    email: String,
    numbers: String,
    roles: Vec<(String, String)>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    name: String,
    language: String,
}

pub(crate) async fn show(State(identity): State<Identity>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    page(&identity, &caller, ctx, None).await
}

pub(crate) async fn submit(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let outcome = match input {
        Ok(Input { name, language }) => {
            identity.write(&caller, once, |tx| profile::change_profile(tx, name, language).boxed()).await
        }
        Err(errors) => Err(Error::Fields(errors)),
    };
    match outcome {
        Ok(()) => {
            let mut response = ctx.redirect_toast("/settings", "identity-settings-saved");
            response.headers_mut().append(SET_COOKIE, cookie::forget_language());
            Ok((Forget(caller.person_id()), response).into_response())
        }
        Err(error) => page(&identity, &caller, ctx, Some(pages::mend(fields, error)?)).await,
    }
}

async fn page(identity: &Identity, caller: &Caller, ctx: Ctx, refused: Option<Fields>) -> web::Result<Response> {
    let person = caller.as_person().ok_or(Error::SessionNeeded)?;
    let id = person.id;
    let Details { person: known, numbers } = identity.read(caller, |tx| people::read_person(tx, id).boxed()).await?;
    let units = identity.read(caller, |tx| memberships::list_units(tx).boxed()).await?;
    let role = |grant: &Grant| (pages::role_name(&ctx, &grant.role), pages::scope_name(&ctx, &units, grant.scope));
    let roles = caller.grants_at(ctx.now()).map(role).collect();
    let filled = || Fields::default().with("name", &known.name.full).with("language", &known.language);
    let form = refused.unwrap_or_else(filled);
    let (languages, tabs) = (pages::language_choices(&ctx), pages::settings_tabs(&ctx));
    let ctx = ctx.title("identity-settings-title");
    let (email, numbers) = (known.email.clone().unwrap_or_default(), numbers.join(", "));
    web::html_with(form.status(), &SettingsPage { ctx, tabs, form, languages, email, numbers, roles })
}
