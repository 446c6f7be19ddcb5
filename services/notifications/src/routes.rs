//! The table of contents: every path, what answers it, and the action that it is.

use axum::routing::{get, post};
use utoipa::openapi::OpenApi;

use contracts::roles::VOCABULARY;

use crate::{Notifications, api, error, pages, policy};

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
        held: web::Held::Anywhere,
    }],
    texts: &[("en", include_str!("../texts/en.ftl")), ("lo", include_str!("../texts/lo.ftl"))],
    codes: error::CODES,
};

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

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_schemas_share_a_name() {
        assert_eq!(super::routes().collisions(), [""; 0]);
    }
}
