//! What an API token may be used for: scopes narrow what its person may do, and never widen it.

use crate::Action;

/// Most characters that a scope may have.
pub const SCOPE_CHARS_MAX: usize = 64;

/// Returns true when the text is a scope: `*`, `notes.*`, `notes.read`, `notes.note.*` or `notes.note.read`.
pub fn is_valid(scope: &str) -> bool {
    if scope == "*" {
        return true;
    }
    let Some((prefix, last)) = scope.rsplit_once('.') else { return false };
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    scope.len() <= SCOPE_CHARS_MAX && matches!(last, "*" | "read") && prefix.split('.').all(word)
}

/// Returns true when one of the token's scopes covers the action. No scopes cover nothing.
pub fn covers<S: AsRef<str>>(scopes: &[S], action: &Action) -> bool {
    scopes.iter().any(|scope| covers_one(scope.as_ref(), action))
}

fn covers_one(scope: &str, action: &Action) -> bool {
    if scope == "*" {
        return true;
    }
    match scope.rsplit_once('.') {
        Some((prefix, "*")) => is_within(prefix, action.name),
        Some((prefix, "read")) => action.read && is_within(prefix, action.name),
        _ => false,
    }
}

fn is_within(prefix: &str, name: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SIGNED_IN;

    const LIST: Action = Action::read("notes.note.list", SIGNED_IN);
    const CREATE: Action = Action::write("notes.note.create", SIGNED_IN);

    fn check(scope: &str, reads: bool, writes: bool) {
        assert_eq!(covers(&[scope], &LIST), reads, "{scope} list");
        assert_eq!(covers(&[scope], &CREATE), writes, "{scope} create");
    }

    #[test]
    fn a_scope_covers_what_it_names() {
        check("*", true, true);
        check("notes.*", true, true);
        check("notes.read", true, false);
        check("notes.note.*", true, true);
        check("notes.note.read", true, false);
    }

    #[test]
    fn a_scope_covers_nothing_else() {
        for scope in ["", "files.*", "files.read", "note.*", "notes.no.*", "notes", "notes.note.list", "**", ".*"] {
            check(scope, false, false);
        }
        assert!(!covers::<&str>(&[], &LIST));
    }

    #[test]
    fn only_scopes_are_valid() {
        for scope in ["*", "notes.*", "notes.read", "notes.note.*"] {
            assert!(is_valid(scope), "{scope}");
        }
        for scope in ["", "notes", "notes.write", ".*", "Notes.*", "a..read", "notes.*.read", "no tes.*"] {
            assert!(!is_valid(scope), "{scope}");
        }
    }
}
