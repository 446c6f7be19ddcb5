//! The notifications service: what people are told, in the product and by mail.
//!
//! Owns notifications, mails and their texts. Never decides what happened: it learns that from events alone.
//! Start reading at [`model::kind`], then [`jobs`], then [`service`].

pub mod actions;
mod api;
mod error;
pub mod jobs;
pub mod letter;
mod message;
pub mod model;
mod pages;
pub mod policy;
mod settings;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod texts;
pub mod transport;

use axum::routing::{get, post};
use storage::{Schema, Statement};
use utoipa::openapi::OpenApi;

use contracts::roles::VOCABULARY;

pub use self::{
    error::{CODES, Error, Result},
    jobs::consumers,
    policy::POLICY,
    settings::Settings,
    state::{Notifications, Parts},
};

/// The tables of this service.
pub static SCHEMA: Schema = storage::schema!("notifications", ["0001_first.sql"]).with_statements(store::CATALOGUE);

/// Every statement of this service, a list per file.
pub static STATEMENTS: &[&[&Statement]] = store::CATALOGUE;

/// What every process knows of this service.
pub static SITE: web::Site = web::Site {
    name: "notifications",
    vocabulary: &VOCABULARY,
    nav: &[web::NavItem {
        label: "nav-notifications",
        href: "/notifications",
        icon: "bell",
        order: 80,
        action: &policy::LIST_NOTIFICATIONS,
    }],
    texts: &[("en", include_str!("../texts/en.ftl")), ("lo", include_str!("../texts/lo.ftl"))],
    codes: error::CODES,
};

/// Returns the schemas of this service's database, in the order in which they migrate.
pub fn schemas() -> [Schema; 3] {
    [messaging::SCHEMA, audit::SCHEMA, SCHEMA]
}

/// Returns the service with its routes.
pub fn service(notifications: Notifications) -> web::Service {
    routes().with_state(notifications)
}

/// Returns the description of the service's API.
pub fn openapi() -> OpenApi {
    routes().openapi()
}

fn routes() -> web::Routes<Notifications> {
    web::Routes::new("notifications", &VOCABULARY)
        .page(policy::LIST_NOTIFICATIONS, "/notifications", get(pages::notifications::show))
        .page(policy::MARK_NOTIFICATION, "/notifications/read", post(pages::notifications::mark_read))
        .page(policy::LIST_TEMPLATES, "/notifications/templates", get(pages::templates::list))
        .page(policy::LIST_TEMPLATES, "/notifications/templates/{template}", get(pages::templates::show))
        .api(policy::LIST_NOTIFICATIONS, web::routes!(api::list_notifications::list_notifications))
        .api(policy::MARK_NOTIFICATION, web::routes!(api::mark_read::mark_read))
        .api(policy::MARK_NOTIFICATION, web::routes!(api::mark_all_read::mark_all_read))
}
