//! Links sent by mail, each good once.

use std::{str::FromStr, time::Duration};

use base::{PersonId, Timestamp};
use contracts::events::identity::MailKind;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To choose the first password.
    Invitation,
    /// To choose another.
    PasswordReset,
}

/// A link that is still good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub person: PersonId,
    pub purpose: Purpose,
    pub expires_at: Timestamp,
}

impl Purpose {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }

    /// Returns how long such a link is good.
    pub const fn life(self) -> Duration {
        match self {
            Self::Invitation => Duration::from_hours(7 * 24),
            Self::PasswordReset => Duration::from_mins(30),
        }
    }

    /// Returns the page that the link leads to.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Invitation => "/invitation",
            Self::PasswordReset => "/password/reset",
        }
    }

    /// Returns the mail that brings it.
    pub const fn mail(self) -> MailKind {
        match self {
            Self::Invitation => MailKind::Invitation,
            Self::PasswordReset => MailKind::PasswordReset,
        }
    }
}

/// The text is not the name of a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a link's purpose")]
pub struct UnknownPurpose;

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Invitation, Self::PasswordReset].into_iter().find(|purpose| purpose.name() == name).ok_or(UnknownPurpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_purposes_are_stable() {
        for name in ["invitation", "password_reset"] {
            assert_eq!(name.parse::<Purpose>().map(Purpose::name), Ok(name));
        }
    }
}
