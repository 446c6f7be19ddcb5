//! The templates of mail: one for each kind that is mailed, and those that identity asks for.

use std::str::FromStr;

use contracts::events::identity::MailKind;

use super::{arguments::Arguments, kind::Kind};

/// Which mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// A notification, by mail.
    Notice(Kind),
    /// You have an account: choose a password.
    Invitation,
    /// Choose a new password.
    PasswordReset,
    /// Your password was changed.
    PasswordChanged,
}

impl Template {
    /// Returns every template.
    pub fn all() -> impl Iterator<Item = Self> {
        let asked = [Self::Invitation, Self::PasswordReset, Self::PasswordChanged];
        asked.into_iter().chain(Kind::all().filter(|kind| kind.is_mailed()).map(Self::Notice))
    }

    /// Returns the stable name; its texts are `mail-NAME-subject`, `mail-NAME-body` and `mail-NAME-action`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice(kind) => kind.name(),
            Self::Invitation => "invitation",
            Self::PasswordReset => "password-reset",
            Self::PasswordChanged => "password-changed",
        }
    }

    /// Returns arguments for a preview.
    pub fn sample(self) -> Arguments {
        match self {
            Self::Notice(kind) => kind.sample(),
            Self::Invitation | Self::PasswordReset => Arguments::default().with("until", "2027-06-02T09:00:00Z"),
            Self::PasswordChanged => Arguments::default(),
        }
    }

    /// Returns the path that a preview leads to.
    pub fn sample_link(self) -> &'static str {
        match self {
            Self::Notice(Kind::TopicReturned) => "/topics/00000000-0000-0000-0000-000000000001",
            Self::Notice(_) => "/projects/00000000-0000-0000-0000-000000000001",
            Self::Invitation => "/invitation?token=sample",
            Self::PasswordReset => "/reset?token=sample",
            Self::PasswordChanged => "/reset",
        }
    }
}

impl From<MailKind> for Template {
    fn from(kind: MailKind) -> Self {
        match kind {
            MailKind::Invitation => Self::Invitation,
            MailKind::PasswordReset => Self::PasswordReset,
            MailKind::PasswordChanged => Self::PasswordChanged,
        }
    }
}

/// The word is no template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownTemplate;

impl FromStr for Template {
    type Err = UnknownTemplate;

    fn from_str(name: &str) -> Result<Self, UnknownTemplate> {
        Self::all().find(|template| template.name() == name).ok_or(UnknownTemplate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_found_by_its_name() {
        for template in Template::all() {
            assert_eq!(template.name().parse(), Ok(template));
        }
        assert_eq!("milestone-approved".parse::<Template>(), Err(UnknownTemplate));
    }
}
