//! Add a person.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Fields,
    extract::{Form, OnceKey, Signed},
};

use crate::{
    Identity,
    actions::people::{self, NewPerson},
    model::{membership::NewMembership, person::ProfileInput},
    pages,
};

#[derive(Template)]
#[template(path = "new_person.html")]
struct NewPersonPage {
    ctx: Ctx,
    form: Fields,
    languages: Vec<Choice>,
    roles: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    family_name: Option<String>,
    given_name: Option<String>,
    email: Option<String>,
    language: String,
    numbers: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    invite: bool,
}

impl From<Input> for NewPerson {
    fn from(input: Input) -> Self {
        let profile = ProfileInput {
            name: String::new(),
            family_name: input.family_name.unwrap_or_default(),
            given_name: input.given_name.unwrap_or_default(),
            email: input.email.unwrap_or_default(),
            language: input.language,
            numbers: split_numbers(&input.numbers.unwrap_or_default()),
        };
        let memberships = input.roles.iter().map(|role| NewMembership::everywhere(role)).collect();
        Self { profile, memberships, invite: input.invite, password_hash: None }
    }
}

/// Reads numbers separated by commas.
pub(crate) fn split_numbers(typed: &str) -> Vec<String> {
    typed.split(',').map(str::to_owned).collect()
}

pub(crate) async fn show(ctx: Ctx) -> web::Result<Response> {
    let language = ctx.language();
    page(ctx, Fields::default().with("language", language).with("invite", "on"))
}

pub(crate) async fn submit(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let new = match input {
        Ok(input) => NewPerson::from(input),
        Err(errors) => return page(ctx, pages::mark(fields, errors)?),
    };
    let links = identity.links();
    match identity.write(&caller, once, |tx| people::create_person(tx, links, new).boxed()).await {
        Ok(saved) => Ok(ctx.redirect_toast(&format!("/people/{}", saved.id), "identity-person-added")),
        Err(error) => page(ctx, pages::mend(fields, error)?),
    }
}

fn page(ctx: Ctx, form: Fields) -> web::Result<Response> {
    let (languages, roles) = (pages::language_choices(&ctx), pages::role_choices(&ctx));
    let ctx = ctx.title("identity-people-add").crumb("identity-people-title", "/people");
    web::html_with(form.status(), &NewPersonPage { ctx, form, languages, roles })
}
