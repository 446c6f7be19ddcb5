//! One's API tokens: list, make, revoke. The secret of a new one is shown once, on the page that answers.

use askama::Template;
use axum::{extract::State, response::Response};
use base::{Caller, FieldError};
use contracts::ids::ApiTokenId;
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields, Tab,
    extract::{Form, OnceKey, Signed},
};

use crate::{
    Identity,
    actions::tokens,
    api::forget::Forget,
    model::api_token::{ApiToken, NewApiToken},
    pages,
};

#[derive(Template)]
#[template(path = "settings_tokens.html")]
struct TokensPage {
    ctx: Ctx,
    tabs: Vec<Tab>,
    form: Fields,
    tokens: Vec<ApiToken>,
    lives: Vec<Choice>,
    /// The secret of the token just made.
    made: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    token_name: String,
    scopes: String,
    days: u16,
}

#[derive(Deserialize)]
pub(crate) struct Revoked {
    token: ApiTokenId,
}

/// Lives to choose from, in days.
const LIVES: [u16; 4] = [7, 30, 90, 365];

pub(crate) async fn show(State(identity): State<Identity>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    page(&identity, &caller, ctx, empty(), None).await
}

pub(crate) async fn create(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Input>,
) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let new = match input.and_then(|input| checked(&input)) {
        Ok(new) => new,
        Err(errors) => return page(&identity, &caller, ctx, pages::mark(fields, errors)?, None).await,
    };
    match tokens::create_token(&identity, &caller, once, new).await {
        Ok(made) => page(&identity, &caller, ctx, empty(), Some(made.credential.expose())).await,
        Err(error) => page(&identity, &caller, ctx, pages::mend(fields, error)?, None).await,
    }
}

pub(crate) async fn revoke(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    form: Form<Revoked>,
) -> web::Result<(Forget, Response)> {
    let Revoked { token } = form.input.map_err(Failure::fields)?;
    identity.write(&caller, once, move |tx| tokens::revoke_token(tx, token).boxed()).await?;
    Ok((Forget(caller.person_id()), ctx.redirect_toast("/settings/tokens", "identity-token-revoked")))
}

fn empty() -> Fields {
    Fields::default().with("scopes", "projects.read").with("days", "30")
}

fn checked(input: &Input) -> Result<NewApiToken, Vec<FieldError>> {
    let scopes: Vec<String> = input.scopes.split([' ', ',']).map(str::to_owned).collect();
    NewApiToken::check(&input.token_name, &scopes, input.days).map_err(|mut errors| {
        for error in errors.iter_mut().filter(|error| error.field == "name") {
            "token_name".clone_into(&mut error.field);
        }
        errors
    })
}

async fn page(
    identity: &Identity,
    caller: &Caller,
    ctx: Ctx,
    form: Fields,
    made: Option<String>,
) -> web::Result<Response> {
    let tokens = identity.read(caller, |tx| tokens::list_tokens(tx).boxed()).await?;
    let lives = LIVES.iter().map(|days| Choice::new(days, ctx.t1("identity-token-days", "count", *days))).collect();
    let tabs = pages::settings_tabs(&ctx);
    let ctx = ctx.title("identity-settings-title");
    web::html_with(form.status(), &TokensPage { ctx, tabs, form, tokens, lives, made })
}
