//! The people of the university.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Timestamp;
use futures_util::FutureExt;
use web::{
    Choice, Ctx, Pager,
    extract::{OnceKey, PageQuery, Query, Signed},
};

use crate::{
    Identity, actions, actions::people::Invited, api::list_people::PeopleFilter, model::person::Person, pages, policy,
};

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    ctx: Ctx,
    rows: Vec<Row>,
    roles: Vec<Choice>,
    statuses: Vec<Choice>,
    pager: Pager,
    may_add: bool,
    may_invite: bool,
}

/// A person in the table.
struct Row {
    href: String,
    name: String,
    email: String,
    status: String,
    tone: &'static str,
    created_at: Timestamp,
}

pub(crate) async fn show(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    Query(filter): Query<PeopleFilter>,
    paging: PageQuery,
) -> web::Result<Response> {
    let query = filter.query(&paging)?;
    let page = identity.read(&caller, |tx| actions::people::list_people(tx, query).boxed()).await?;
    let page = paging.seal(page);
    let pager = paging.pager(&page);
    let rows = page.items.into_iter().map(|person| row(&ctx, person)).collect();
    let (roles, statuses) = (pages::role_choices(&ctx), pages::status_choices(&ctx));
    let may_add = pages::may(&caller, &ctx, &policy::CREATE_PERSON);
    let may_invite = pages::may(&caller, &ctx, &policy::INVITE_PERSON);
    let ctx = ctx.title("identity-people-title");
    web::html(&PeoplePage { ctx, rows, roles, statuses, pager, may_add, may_invite })
}

/// Invites everybody who waits for it.
pub(crate) async fn invite_waiting(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
) -> web::Result<Response> {
    let links = identity.links();
    let invited = identity.write(&caller, once, move |tx| actions::people::invite_waiting(tx, links).boxed()).await?;
    let toast = match invited {
        Invited { count: 0, .. } => "identity-invitations-none",
        Invited { more: true, .. } => "identity-invitations-more",
        Invited { more: false, .. } => "identity-invitations-sent",
    };
    Ok(ctx.redirect_toast("/people", toast))
}

fn row(ctx: &Ctx, person: Person) -> Row {
    Row {
        href: format!("/people/{}", person.id),
        name: listed_name(&person),
        email: person.email.unwrap_or_default(),
        status: ctx.tv("identity-status", person.status.name()),
        tone: pages::status_tone(person.status),
        created_at: person.created_at,
    }
}

/// The name as the list is sorted by it.
fn listed_name(person: &Person) -> String {
    let name = &person.name;
    if name.family.is_empty() || name.given.is_empty() {
        return name.full.clone();
    }
    format!("{}, {}", name.family, name.given)
}
