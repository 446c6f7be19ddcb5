//! A person: card, roles, and what an administrator does with them.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Caller, PersonId, Timestamp};
use contracts::ids::MembershipId;
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Fields,
    extract::{Form, OnceKey, Path, Signed},
};

use crate::{
    Error, Identity,
    actions::{
        memberships,
        people::{self, Details, PersonChange},
        sessions,
    },
    api::forget::Forget,
    model::{
        membership::{Membership, NewMembership},
        person::{Person, Status},
    },
    pages::{self, new_person::split_numbers},
    policy,
    store::unit::Unit,
};

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    ctx: Ctx,
    address: String,
    person: Person,
    numbers: String,
    status: String,
    tone: &'static str,
    roles: Vec<Role>,
    languages: Vec<Choice>,
    role_choices: Vec<Choice>,
    scope_choices: Vec<Choice>,
    /// The form that changes the card.
    form: Fields,
    /// The form that gives a role.
    grant: Fields,
    may_change: bool,
}

/// A role in the table.
struct Role {
    id: MembershipId,
    name: String,
    scope: String,
    from: Timestamp,
    until: Option<Timestamp>,
    holds: bool,
    ended: bool,
}

#[derive(Deserialize)]
pub(crate) struct Change {
    version: i64,
    name: Option<String>,
    family_name: Option<String>,
    given_name: Option<String>,
    email: Option<String>,
    language: String,
    numbers: Option<String>,
    #[serde(default)]
    enabled: bool,
}

#[derive(Deserialize)]
pub(crate) struct Grant {
    role: String,
    /// A programme, or `university`.
    unit: String,
    from: Option<String>,
    until: Option<String>,
}

pub(crate) async fn show(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(person): Path<PersonId>,
) -> web::Result<Response> {
    page(&identity, &caller, ctx, person, Forms::default()).await
}

pub(crate) async fn change(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(person): Path<PersonId>,
    OnceKey(once): OnceKey,
    form: Form<Change>,
) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let again = |fields| Forms { card: Some(fields), grant: None };
    let input = match input {
        Ok(input) => input,
        Err(errors) => return page(&identity, &caller, ctx, person, again(pages::mark(fields, errors)?)).await,
    };
    let version = input.version;
    let change = PersonChange::from(input);
    let outcome =
        identity.write(&caller, once, move |tx| people::change_person(tx, person, Some(version), change).boxed()).await;
    match outcome {
        Ok(_) => Ok(done(&ctx, person, "identity-person-changed")),
        Err(error) => page(&identity, &caller, ctx, person, again(pages::mend(fields, error)?)).await,
    }
}

pub(crate) async fn grant(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(person): Path<PersonId>,
    OnceKey(once): OnceKey,
    form: Form<Grant>,
) -> web::Result<Response> {
    let Form { input, fields, .. } = form;
    let again = |fields| Forms { card: None, grant: Some(fields) };
    let new = match input.map_err(Error::Fields).and_then(|input| new_membership(&ctx, &input)) {
        Ok(new) => new,
        Err(error) => return page(&identity, &caller, ctx, person, again(pages::mend(fields, error)?)).await,
    };
    match identity.write(&caller, once, move |tx| memberships::grant_membership(tx, person, new).boxed()).await {
        Ok(_) => Ok(done(&ctx, person, "identity-role-given")),
        Err(error) => page(&identity, &caller, ctx, person, again(pages::mend(fields, error)?)).await,
    }
}

pub(crate) async fn end(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path((person, membership)): Path<(PersonId, MembershipId)>,
    OnceKey(once): OnceKey,
) -> web::Result<Response> {
    identity.write(&caller, once, move |tx| memberships::end_membership(tx, person, membership).boxed()).await?;
    Ok(done(&ctx, person, "identity-role-ended"))
}

pub(crate) async fn invite(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(person): Path<PersonId>,
    OnceKey(once): OnceKey,
) -> web::Result<Response> {
    let links = identity.links();
    identity.write(&caller, once, move |tx| people::invite_person(tx, links, person).boxed()).await?;
    Ok(done(&ctx, person, "identity-invitation-sent"))
}

pub(crate) async fn sign_out(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(person): Path<PersonId>,
    OnceKey(once): OnceKey,
) -> web::Result<Response> {
    identity.write(&caller, once, move |tx| sessions::sign_out_person(tx, person).boxed()).await?;
    Ok(done(&ctx, person, "identity-person-signed-out"))
}

/// Goes back to the person, who may be more or less than the gateway remembers.
fn done(ctx: &Ctx, person: PersonId, toast: &str) -> Response {
    (Forget(Some(person)), ctx.redirect_toast(&format!("/people/{person}"), toast)).into_response()
}

/// Forms that were refused and are shown again.
#[derive(Default)]
struct Forms {
    card: Option<Fields>,
    grant: Option<Fields>,
}

impl From<Change> for PersonChange {
    fn from(input: Change) -> Self {
        Self {
            name: input.name,
            family_name: Some(input.family_name.unwrap_or_default()),
            given_name: Some(input.given_name.unwrap_or_default()),
            email: Some(input.email.unwrap_or_default()),
            language: Some(input.language),
            numbers: Some(split_numbers(&input.numbers.unwrap_or_default())),
            enabled: Some(input.enabled),
        }
    }
}

fn new_membership(ctx: &Ctx, input: &Grant) -> Result<NewMembership, Error> {
    let day = |field: &'static str, typed: Option<&String>| match typed {
        None => Ok(None),
        Some(typed) => ctx.read_time(typed).map(Some).ok_or_else(|| Error::field(field, "date")),
    };
    let scope = pages::chosen_scope(&input.unit)?;
    let until = day("until", input.until.as_ref())?;
    // A day is read as its last second; a role begins with the day's first.
    let from = day("from", input.from.as_ref())?.map(|end| end.minus(LAST_SECOND));
    Ok(NewMembership { role: input.role.clone(), scope, from, until })
}

/// From a day's first instant to its last second.
const LAST_SECOND: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60 - 1);

async fn page(identity: &Identity, caller: &Caller, ctx: Ctx, id: PersonId, forms: Forms) -> web::Result<Response> {
    let details = identity.read(caller, |tx| people::read_person(tx, id).boxed()).await?;
    let memberships = identity.read(caller, |tx| memberships::list_memberships(tx, id).boxed()).await?;
    let units = identity.read(caller, |tx| memberships::list_units(tx).boxed()).await?;
    let Forms { card, grant } = forms;
    let status = card.as_ref().or(grant.as_ref()).map_or(http::StatusCode::OK, Fields::status);
    let Details { person, numbers } = details;
    let numbers = numbers.join(", ");
    let page = PersonPage {
        address: format!("/people/{id}"),
        form: card.unwrap_or_else(|| filled(&person, &numbers)),
        grant: grant.unwrap_or_else(|| Fields::default().with("unit", pages::UNIVERSITY)),
        status: ctx.tv("identity-status", person.status.name()),
        tone: pages::status_tone(person.status),
        roles: memberships.into_iter().map(|membership| role(&ctx, &units, &membership)).collect(),
        languages: pages::language_choices(&ctx),
        role_choices: pages::role_choices(&ctx),
        scope_choices: pages::scope_choices(&ctx, &units),
        may_change: pages::may(caller, &ctx, &policy::CHANGE_PERSON),
        ctx: ctx.title_text(person.name.full.clone()).crumb("identity-people-title", "/people"),
        person,
        numbers,
    };
    web::html_with(status, &page)
}

fn filled(person: &Person, numbers: &str) -> Fields {
    let enabled = if person.status == Status::Disabled { "" } else { "on" };
    Fields::default()
        .with("version", &person.version)
        .with("name", &person.name.full)
        .with("family_name", &person.name.family)
        .with("given_name", &person.name.given)
        .with("email", person.email.as_deref().unwrap_or_default())
        .with("language", &person.language)
        .with("numbers", numbers)
        .with("enabled", enabled)
}

fn role(ctx: &Ctx, units: &[Unit], membership: &Membership) -> Role {
    let now = ctx.now();
    Role {
        id: membership.id,
        name: pages::role_name(ctx, &membership.role),
        scope: pages::scope_name(ctx, units, membership.scope),
        from: membership.from,
        until: membership.until,
        holds: membership.holds_at(now),
        ended: membership.until.is_some_and(|until| until <= now),
    }
}
