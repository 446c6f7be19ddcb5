//! Who may do what here; `policy.cedar` says the same and a test holds the two together.

use access::{Action, Policy, SIGNED_IN};
use contracts::roles::ADMINISTRATOR;

/// See one's own notifications.
pub const LIST_NOTIFICATIONS: Action = Action::read("notifications.notification.list", SIGNED_IN);
/// Mark one's own notifications as read.
pub const MARK_NOTIFICATION: Action = Action::write("notifications.notification.mark", SIGNED_IN);
/// See what mails look like.
pub const LIST_TEMPLATES: Action = Action::read("notifications.template.list", ADMINISTRATOR);

/// Every action of this service.
pub static POLICY: Policy = Policy::new("notifications", &[LIST_NOTIFICATIONS, MARK_NOTIFICATION, LIST_TEMPLATES]);

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use contracts::roles::VOCABULARY;

    use super::*;

    /// The policy in Cedar's words: a permit per action, for principals that are any of its subjects.
    fn cedar() -> String {
        let mut text =
            String::from("// Who may do what in the notifications service. Held to `policy.rs` by its test.\n");
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
