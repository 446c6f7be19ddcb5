//! People and how they prove who they are: accounts, memberships, passwords, sessions, tokens.
//!
//! Owns the people of each university and their credentials. Never knows a project, never sends a mail itself.
//! Start reading at [`actions`], then [`model`].

pub mod actions;
mod api;
pub mod cookie;
pub mod error;
pub mod internal;
pub mod jobs;
pub mod model;
mod pages;
pub mod policy;
mod settings;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod visitor;

use contracts::{events::projects::RosterImported, roles::VOCABULARY};
use futures_util::FutureExt;
use messaging::Consumer;
use runtime::Shutdown;
use storage::{Schema, Statement};
use utoipa::openapi::OpenApi;
use web::{Routes, Site, routes};

pub use self::{
    error::{CODES, Error, Result},
    policy::POLICY,
    settings::Settings,
    state::{Identity, Parts},
};

/// Identity's tables.
pub static SCHEMA: Schema =
    storage::schema!("identity", ["0001_first.sql", "0002_ends.sql"]).with_statements(store::CATALOGUE);

/// Every statement of identity, a list per file.
pub static STATEMENTS: &[&[&Statement]] = store::CATALOGUE;

/// What every process knows of identity: its navigation, its texts, its errors.
pub static SITE: Site = Site {
    name: "identity",
    vocabulary: &VOCABULARY,
    nav: pages::NAV,
    texts: &[("en", include_str!("../texts/en.ftl")), ("lo", include_str!("../texts/lo.ftl"))],
    codes: CODES,
};

/// Returns the schemas of identity's database, in the order in which they migrate.
pub fn schemas() -> [Schema; 3] {
    [messaging::SCHEMA, audit::SCHEMA, SCHEMA]
}

/// Returns identity's pages and API, the table of contents of all that can be asked of it.
pub fn service(identity: Identity) -> web::Service {
    routes().with_state(identity)
}

/// Returns the description of identity's API.
pub fn openapi() -> OpenApi {
    routes().openapi()
}

/// Starts what identity does by itself.
pub fn start(identity: &Identity, shutdown: &Shutdown) {
    jobs::sweep::start(identity, shutdown);
}

fn routes() -> Routes<Identity> {
    api_routes(pages::routes(Routes::new("identity", &VOCABULARY)))
}

fn api_routes(routes: Routes<Identity>) -> Routes<Identity> {
    routes
        .api(policy::SIGN_IN, routes!(api::sign_in::sign_in))
        .api(policy::READ_SESSION, routes!(api::read_session::read_session))
        .api(policy::END_SESSION, routes!(api::sign_out::sign_out))
        .api(policy::LIST_SESSIONS, routes!(api::list_sessions::list_sessions))
        .api(policy::END_SESSION, routes!(api::end_session::end_session))
        .api(policy::LIST_PEOPLE, routes!(api::list_people::list_people))
        .api(policy::CREATE_PERSON, routes!(api::create_person::create_person))
        .api(policy::READ_PERSON, routes!(api::read_person::read_person))
        .api(policy::CHANGE_PERSON, routes!(api::change_person::change_person))
        .api(policy::INVITE_PERSON, routes!(api::invite_person::invite_person))
        .api(policy::SIGN_OUT_PERSON, routes!(api::sign_out_person::sign_out_person))
        .api(policy::LIST_MEMBERSHIPS, routes!(api::list_memberships::list_memberships))
        .api(policy::GRANT_MEMBERSHIP, routes!(api::grant_membership::grant_membership))
        .api(policy::END_MEMBERSHIP, routes!(api::end_membership::end_membership))
        .api(policy::LIST_TOKENS, routes!(api::list_tokens::list_tokens))
        .api(policy::CREATE_TOKEN, routes!(api::create_token::create_token))
        .api(policy::REVOKE_TOKEN, routes!(api::revoke_token::revoke_token))
        .api(policy::RESET_PASSWORD, routes!(api::request_password_reset::request_password_reset))
        .api(policy::RESET_PASSWORD, routes!(api::choose_password::choose_password))
}

/// Returns what identity does when others tell of something.
pub fn consumers() -> Vec<Consumer> {
    let rosters = Consumer::new("identity.rosters")
        .on(|tx, event: RosterImported| jobs::roster_imported::apply(tx, event).boxed());
    vec![rosters]
}
