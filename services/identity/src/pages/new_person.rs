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
    Error, Identity,
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
    scopes: Vec<Choice>,
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
    /// Where the roles hold: a programme, or `university`.
    unit: String,
    #[serde(default)]
    invite: bool,
}

impl TryFrom<Input> for NewPerson {
    type Error = Error;

    fn try_from(input: Input) -> Result<Self, Error> {
        let scope = pages::chosen_scope(&input.unit)?;
        let profile = ProfileInput {
            name: String::new(),
            family_name: input.family_name.unwrap_or_default(),
            given_name: input.given_name.unwrap_or_default(),
            email: input.email.unwrap_or_default(),
            language: input.language,
            numbers: split_numbers(&input.numbers.unwrap_or_default()),
        };
        let membership = |role: &String| NewMembership { scope, ..NewMembership::everywhere(role) };
        let memberships = input.roles.iter().map(membership).collect();
        Ok(Self { profile, memberships, invite: input.invite, password_hash: None })
    }
}

/// Reads numbers separated by commas.
pub(crate) fn split_numbers(typed: &str) -> Vec<String> {
    typed.split(',').map(str::to_owned).collect()
}

pub(crate) async fn show(State(identity): State<Identity>, ctx: Ctx) -> web::Result<Response> {
    let language = ctx.language();
    let form = Fields::default().with("language", language).with("unit", pages::UNIVERSITY).with("invite", "on");
    page(&identity, ctx, form).await
}

pub(crate) async fn submit(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let new = match input.map_err(Error::Fields).and_then(NewPerson::try_from) {
        Ok(new) => new,
        Err(error) => return page(&identity, ctx, pages::mend(fields, error)?).await,
    };
    let links = identity.links();
    match identity.write(&caller, once, |tx| people::create_person(tx, links, new).boxed()).await {
        Ok(saved) => Ok(ctx.redirect_toast(&format!("/people/{}", saved.id), "identity-person-added")),
        Err(error) => page(&identity, ctx, pages::mend(fields, error)?).await,
    }
}

async fn page(identity: &Identity, ctx: Ctx, form: Fields) -> web::Result<Response> {
    let units = identity.read(ctx.caller(), |tx| people::prepare_person(tx).boxed()).await?;
    let scopes = pages::scope_choices(&ctx, &units);
    let (languages, roles) = (pages::language_choices(&ctx), pages::role_choices(&ctx));
    let ctx = ctx.title("identity-people-add").crumb("identity-people-title", "/people");
    web::html_with(form.status(), &NewPersonPage { ctx, form, languages, roles, scopes })
}
