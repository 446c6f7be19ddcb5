//! What identity asks of others: mail, which only notifications sends.

use base::{Event, Id, PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ids::MailId;

/// A person is to get a mail. It carries a link, sealed where it lets its bearer in, and no other secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailRequested {
    pub mail: MailId,
    pub person: PersonId,
    pub kind: MailKind,
    pub to_address: String,
    pub to_name: String,
    /// BCP 47 tag of the language to write in.
    pub language: String,
    /// Where the person goes: a path of the product with its query, to be put after its public address. Empty when it is
    /// sealed; until version 0.1 it stood here with its token.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
    /// The same, sealed for [`mail_link_context`](crate::passes::mail_link_context): events rest in a journal for weeks, and
    /// whoever reads one must not be able to follow its link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_link: Option<String>,
    /// When the link ends, for the text; absent when it does not.
    #[serde(default)]
    pub link_until: Option<Timestamp>,
    pub requested_at: Timestamp,
}

/// Which mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// You have an account: choose a password.
    Invitation,
    /// You, or somebody, asked for a new password.
    PasswordReset,
    /// Your password was changed; if it was not you, do this.
    PasswordChanged,
}

impl Event for MailRequested {
    const TYPE: &'static str = "identity.mail.requested";

    fn key(&self) -> Uuid {
        self.person.uuid()
    }
}
