//! The refusal, as users and programs see it.

use base::{Code, Fault};

use crate::Reason;

base::error_codes! {
    /// Nothing that the caller is allows it.
    FORBIDDEN = "ACC-001", Forbidden;
    /// Nobody is signed in.
    SIGN_IN_FIRST = "ACC-002", Unauthenticated;
    /// The API token was not given this.
    OUTSIDE_SCOPE = "ACC-003", Forbidden;
}

/// The caller may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not allowed: `{action}`")]
pub struct Denied {
    /// The action's stable name.
    pub action: &'static str,
    /// Why not.
    pub reason: Reason,
}

impl Fault for Denied {
    fn code(&self) -> &'static Code {
        match self.reason {
            Reason::NotSignedIn => &SIGN_IN_FIRST,
            Reason::OutsideScope => &OUTSIDE_SCOPE,
            Reason::Allowed(_) | Reason::Forbidden(_) | Reason::NotAllowed => &FORBIDDEN,
        }
    }

    fn members(&self) -> Vec<(&'static str, Vec<String>)> {
        vec![("action", vec![self.action.to_owned()])]
    }
}

#[cfg(test)]
mod tests {
    use base::ErrorKind;

    use super::*;

    #[test]
    fn each_reason_has_its_code() {
        let kind = |reason| Denied { action: "a.b.c", reason }.code().kind;
        assert_eq!(kind(Reason::NotSignedIn), ErrorKind::Unauthenticated);
        assert_eq!(kind(Reason::OutsideScope), ErrorKind::Forbidden);
        assert_eq!(kind(Reason::NotAllowed), ErrorKind::Forbidden);
        assert_eq!(FORBIDDEN.title(), "You may not do this");
    }
}
