//! What can go wrong in the console.

use base::{Code, Fault};

/// What the console's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

base::error_codes! {
    /// No service of this name.
    UNKNOWN_SERVICE = "CON-001", NotFound;
    /// No such mail, or mails are not shown here.
    UNKNOWN_MAIL = "CON-002", NotFound;
    /// Our fault: a mail could not be read.
    UNREADABLE_MAIL = "CON-500", Internal;
}

/// What can go wrong in the console.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no service `{0}`")]
    UnknownService(String),
    #[error("there is no such mail")]
    UnknownMail,
    #[error("a mail could not be read")]
    UnreadableMail(#[source] storage::Source),
    #[error(transparent)]
    Denied(#[from] access::Denied),
    #[error(transparent)]
    Messaging(#[from] messaging::Error),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::UnknownService(_) => &UNKNOWN_SERVICE,
            Self::UnknownMail => &UNKNOWN_MAIL,
            Self::UnreadableMail(_) => &UNREADABLE_MAIL,
            Self::Denied(denied) => denied.code(),
            Self::Messaging(error) => error.code(),
            Self::Storage(error) => error.code(),
        }
    }
}
