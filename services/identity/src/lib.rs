//! People and how they prove who they are: accounts, memberships, passwords, sessions, tokens.
//!
//! Owns the people of each university and their credentials. Never knows a project, never sends a mail itself.
//! Start reading at [`actions`], then [`model`].

pub mod actions;
mod api;
pub mod error;
pub mod jobs;
pub mod model;
mod pages;
pub mod policy;
mod routes;
mod settings;
mod store;

use contracts::{
    events::projects::{ParticipantEnrolled, ProgrammeChanged, RosterImported},
    roles::VOCABULARY,
};
use futures_util::FutureExt;
use messaging::Consumer;
use runtime::Shutdown;
use storage::{Schema, Statement};
use utoipa::openapi::OpenApi;
use web::Site;

pub use self::{
    actions::state::{Identity, Parts},
    api::{cookie, internal},
    error::{CODES, Error, Result},
    policy::POLICY,
    settings::Settings,
};

/// Identity's tables.
pub static SCHEMA: Schema = storage::schema!("identity", ["0001_first.sql", "0002_ends.sql", "0003_units.sql"])
    .with_statements(store::CATALOGUE);

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

/// Returns identity's pages and API.
pub fn service(identity: Identity) -> web::Service {
    routes::all().with_state(identity)
}

/// Returns the description of identity's API.
pub fn openapi() -> OpenApi {
    routes::all().openapi()
}

/// Starts what identity does by itself.
pub fn start(identity: &Identity, shutdown: &Shutdown) {
    jobs::sweep::start(identity, shutdown);
}

/// Names of the consumers of identity.
pub const CONSUMERS: [&str; 3] = ["identity.rosters", "identity.enrolments", "identity.units"];

/// Returns what identity does when others tell of something, in the order of [`CONSUMERS`].
pub fn consumers(identity: &Identity) -> Vec<Consumer> {
    let [rosters, enrolments, units] = CONSUMERS;
    let links = identity.links();
    vec![
        Consumer::new(rosters).on(|tx, event: RosterImported| jobs::roster_imported::apply(tx, event).boxed()),
        Consumer::new(enrolments).on(move |tx, event: ParticipantEnrolled| {
            jobs::participant_enrolled::apply(tx, links.clone(), event).boxed()
        }),
        Consumer::new(units).on(|tx, event: ProgrammeChanged| jobs::programme_changed::apply(tx, event).boxed()),
    ]
}
