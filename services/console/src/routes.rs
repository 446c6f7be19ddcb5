//! The table of contents: every path, what answers it, and the action that it is.

use axum::routing::{get, post};
use base::Code;
use utoipa::openapi::OpenApi;

use contracts::roles::VOCABULARY;

use crate::{Console, error, pages, policy};

/// What every process knows of this service.
pub static SITE: web::Site = web::Site {
    name: "console",
    vocabulary: &VOCABULARY,
    nav: &[web::NavItem {
        label: "nav-console",
        href: "/console",
        icon: "server",
        order: 900,
        action: &policy::READ_OVERVIEW,
        held: web::Held::Anywhere,
    }],
    texts: &[("en", include_str!("../texts/en.ftl")), ("lo", include_str!("../texts/lo.ftl"))],
    codes: error::CODES,
};

/// Returns the routes of the console itself.
pub fn service(console: Console) -> web::Service {
    web::Routes::new("console", &VOCABULARY)
        .page(policy::READ_OVERVIEW, "/console", get(pages::overview::show))
        .page(policy::READ_INSTALLATION, "/console/installation", get(pages::installation::show))
        .page(policy::READ_STATEMENTS, "/console/statements", get(pages::statements::show))
        .page(policy::LIST_DEAD_LETTERS, "/console/dead-letters", get(pages::dead_letters::show))
        .page(policy::SEND_AGAIN, "/console/dead-letters/send", post(pages::dead_letters::send))
        .page(policy::LIST_RECORDS, "/console/audit", get(pages::records::show))
        .page(policy::LIST_EVENT_TYPES, "/events", get(pages::event_types::list))
        .page(policy::LIST_EVENT_TYPES, "/events/schemas.json", get(pages::event_types::schemas))
        .page(policy::READ_MAILS, "/console/mails", get(pages::mails::list))
        .page(policy::READ_MAILS, "/console/mails/{mail}", get(pages::mails::show))
        .with_state(console)
}

/// Returns the routes of the console together with the pages that belong to no service: `/errors`, `/api`, `/preferences`,
/// `/assets`. `openapi` is the API of all services together, `codes` their error codes.
pub fn service_with_reference(console: Console, openapi: &OpenApi, codes: &[&'static [&'static Code]]) -> web::Service {
    service(console).merge(web::reference::routes(openapi, codes))
}
