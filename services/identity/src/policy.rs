//! What can be done here, and by whom; `policy.cedar` says the same, and `testing/it` holds the two together.

use access::{ANYONE, Action, Policy, SIGNED_IN, SYSTEM};
use contracts::roles::{ADMINISTRATOR, COORDINATOR, SELF};

/// See the sign-in page, and sign in.
pub const SIGN_IN: Action = Action::write("identity.session.create", ANYONE);
/// See who one is.
pub const READ_SESSION: Action = Action::read("identity.session.read", SIGNED_IN);
/// List one's sessions.
pub const LIST_SESSIONS: Action = Action::read("identity.session.list", SIGNED_IN);
/// End one's own sessions.
pub const END_SESSION: Action = Action::write("identity.session.end", ANYONE);
/// Ask for a new password, and choose it by the link.
pub const RESET_PASSWORD: Action = Action::write("identity.password.reset", ANYONE);
/// Follow an invitation.
pub const ACCEPT_INVITATION: Action = Action::write("identity.invitation.accept", ANYONE);
/// Change one's own password.
pub const CHANGE_PASSWORD: Action = Action::write("identity.password.change", SIGNED_IN);
/// See one's settings.
pub const READ_SETTINGS: Action = Action::read("identity.settings.read", SIGNED_IN);
/// Change one's own name and language.
pub const CHANGE_PROFILE: Action = Action::write("identity.profile.change", SIGNED_IN);

/// List people.
pub const LIST_PEOPLE: Action = Action::read("identity.person.list", ADMINISTRATOR.or(COORDINATOR));
/// See a person.
pub const READ_PERSON: Action = Action::read("identity.person.read", SELF.or(ADMINISTRATOR).or(COORDINATOR));
/// Add a person.
pub const CREATE_PERSON: Action = Action::write("identity.person.create", ADMINISTRATOR.or(SYSTEM));
/// Change a person.
pub const CHANGE_PERSON: Action = Action::write("identity.person.change", ADMINISTRATOR.or(SYSTEM));
/// Invite a person by mail.
pub const INVITE_PERSON: Action = Action::write("identity.person.invite", ADMINISTRATOR.or(SYSTEM));
/// End all sessions of another person.
pub const SIGN_OUT_PERSON: Action = Action::write("identity.person.sign_out", ADMINISTRATOR.or(SYSTEM));

/// List a person's roles.
pub const LIST_MEMBERSHIPS: Action = Action::read("identity.membership.list", SELF.or(ADMINISTRATOR).or(COORDINATOR));
/// Give a role.
pub const GRANT_MEMBERSHIP: Action = Action::write("identity.membership.grant", ADMINISTRATOR.or(SYSTEM));
/// Take a role away.
pub const END_MEMBERSHIP: Action = Action::write("identity.membership.end", ADMINISTRATOR.or(SYSTEM));

/// List one's API tokens.
pub const LIST_TOKENS: Action = Action::read("identity.token.list", SIGNED_IN);
/// Make an API token.
pub const CREATE_TOKEN: Action = Action::write("identity.token.create", SIGNED_IN);
/// Revoke an API token.
pub const REVOKE_TOKEN: Action = Action::write("identity.token.revoke", SIGNED_IN);

/// Every action of identity.
pub static POLICY: Policy = Policy::new(
    "identity",
    &[
        SIGN_IN,
        READ_SESSION,
        LIST_SESSIONS,
        END_SESSION,
        RESET_PASSWORD,
        ACCEPT_INVITATION,
        CHANGE_PASSWORD,
        READ_SETTINGS,
        CHANGE_PROFILE,
        LIST_PEOPLE,
        READ_PERSON,
        CREATE_PERSON,
        CHANGE_PERSON,
        INVITE_PERSON,
        SIGN_OUT_PERSON,
        LIST_MEMBERSHIPS,
        GRANT_MEMBERSHIP,
        END_MEMBERSHIP,
        LIST_TOKENS,
        CREATE_TOKEN,
        REVOKE_TOKEN,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_an_object_decides_is_open_to_nobody() {
        for action in POLICY.actions.iter().filter(|action| action.allow.meets(SELF)) {
            assert!(!action.allow.meets(ANYONE), "{}", action.name);
        }
    }
}
