//! The table of contents: everything that can be asked of identity, and which action each is.

use axum::routing::{get, post};
use contracts::roles::VOCABULARY;
use web::{Routes, routes};

use crate::{Identity, api, pages, policy};

/// Returns every route.
pub(crate) fn all() -> Routes<Identity> {
    with_api(with_pages(Routes::new("identity", &VOCABULARY)))
}

/// Pages: HTML, for people.
fn with_pages(routes: Routes<Identity>) -> Routes<Identity> {
    routes
        .page(policy::SIGN_IN, "/sign-in", get(pages::sign_in::show).post(pages::sign_in::submit))
        .page(policy::END_SESSION, "/sign-out", post(pages::sign_out::submit))
        .page(
            policy::RESET_PASSWORD,
            "/password/forgot",
            get(pages::forgot_password::show).post(pages::forgot_password::submit),
        )
        .page(
            policy::RESET_PASSWORD,
            "/password/reset",
            get(pages::choose_password::show_reset).post(pages::choose_password::reset),
        )
        .page(
            policy::ACCEPT_INVITATION,
            "/invitation",
            get(pages::choose_password::show_invitation).post(pages::choose_password::accept),
        )
        .page(policy::LIST_PEOPLE, "/people", get(pages::people::show))
        .page(policy::CREATE_PERSON, "/people/new", get(pages::new_person::show).post(pages::new_person::submit))
        .page(policy::INVITE_PERSON, "/people/invitations", post(pages::people::invite_waiting))
        .page(policy::READ_PERSON, "/people/{person}", get(pages::person::show))
        .page(policy::CHANGE_PERSON, "/people/{person}/change", post(pages::person::change))
        .page(policy::GRANT_MEMBERSHIP, "/people/{person}/roles", post(pages::person::grant))
        .page(policy::END_MEMBERSHIP, "/people/{person}/roles/{membership}/end", post(pages::person::end))
        .page(policy::INVITE_PERSON, "/people/{person}/invite", post(pages::person::invite))
        .page(policy::SIGN_OUT_PERSON, "/people/{person}/sign-out", post(pages::person::sign_out))
        .page(policy::READ_SETTINGS, "/settings", get(pages::settings::show))
        .page(policy::CHANGE_PROFILE, "/settings/profile", post(pages::settings::submit))
        .page(
            policy::CHANGE_PASSWORD,
            "/settings/password",
            get(pages::settings_password::show).post(pages::settings_password::submit),
        )
        .page(policy::LIST_SESSIONS, "/settings/sessions", get(pages::settings_sessions::show))
        .page(policy::END_SESSION, "/settings/sessions/end", post(pages::settings_sessions::end))
        .page(policy::LIST_TOKENS, "/settings/tokens", get(pages::settings_tokens::show))
        .page(policy::CREATE_TOKEN, "/settings/tokens/create", post(pages::settings_tokens::create))
        .page(policy::REVOKE_TOKEN, "/settings/tokens/revoke", post(pages::settings_tokens::revoke))
}

/// The API: JSON, for programs.
fn with_api(routes: Routes<Identity>) -> Routes<Identity> {
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
        .api(policy::INVITE_PERSON, routes!(api::invite_waiting::invite_waiting))
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

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_schemas_share_a_name() {
        assert_eq!(super::all().collisions(), [""; 0]);
    }
}
