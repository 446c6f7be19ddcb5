//! Who may do what in the console; `policy.cedar` says the same and a test holds the two together.

use access::{Action, Denied, Policy, SIGNED_IN};
use base::{Caller, Timestamp};
use contracts::roles::{ADMINISTRATOR, OPERATOR, VOCABULARY};

/// See what of one's own university needs a hand.
pub const READ_OVERVIEW: Action = Action::read("console.overview.read", ADMINISTRATOR.or(OPERATOR));
/// See how the installation does, with all its universities.
pub const READ_INSTALLATION: Action = Action::read("console.installation.read", OPERATOR);
/// See what statements cost, whichever university ran them.
pub const READ_STATEMENTS: Action = Action::read("console.statement.list", OPERATOR);
/// See the events that were given up.
pub const LIST_DEAD_LETTERS: Action = Action::read("console.dead_letter.list", ADMINISTRATOR);
/// Send an event again that was given up.
pub const SEND_AGAIN: Action = Action::write("console.dead_letter.send", ADMINISTRATOR);
/// See what was done, by whom and to what.
pub const LIST_RECORDS: Action = Action::read("console.record.list", ADMINISTRATOR);
/// See what events look like.
pub const LIST_EVENT_TYPES: Action = Action::read("console.event_type.list", SIGNED_IN);
/// Read the mails of a demonstration.
pub const READ_MAILS: Action = Action::read("console.mail.read", ADMINISTRATOR);

/// Every action of the console.
pub static POLICY: Policy = Policy::new(
    "console",
    &[
        READ_OVERVIEW,
        READ_INSTALLATION,
        READ_STATEMENTS,
        LIST_DEAD_LETTERS,
        SEND_AGAIN,
        LIST_RECORDS,
        LIST_EVENT_TYPES,
        READ_MAILS,
    ],
);

/// Permits the action to those whose role holds in the whole university.
pub(crate) fn permit(action: &Action, caller: &Caller, now: Timestamp) -> Result<(), Denied> {
    access::require(action, VOCABULARY.held(caller, now, None), caller)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// The policy in Cedar's words: a permit per action, for principals that are any of its subjects.
    fn cedar() -> String {
        let mut text = String::from("// Who may do what in the console. Held to `policy.rs` by its test.\n");
        for action in POLICY.actions {
            let subjects = VOCABULARY.names(action.allow);
            let any: Vec<_> = subjects.iter().map(|name| format!("principal.held.contains(\"{name}\")")).collect();
            let (name, when) = (action.name, any.join(" || "));
            let _ = write!(
                text,
                "\n@read(\"{}\")\npermit (principal, action == Action::\"{name}\", resource)\nwhen {{ {when} }};\n",
                action.read
            );
        }
        text
    }

    #[test]
    fn policy_and_cedar_text_say_the_same() {
        assert_eq!(include_str!("../policy.cedar"), cedar());
    }
}
