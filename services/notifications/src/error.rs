//! What can go wrong in this service.

use base::{Code, Fault};

/// What this service's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

base::error_codes! {
    /// No such notification, or another person's.
    UNKNOWN_NOTIFICATION = "NTF-001", NotFound;
    /// No such template.
    UNKNOWN_TEMPLATE = "NTF-002", NotFound;
    /// Our fault: a text or a mail could not be made.
    BROKEN = "NTF-500", Internal;
}

/// What can go wrong in this service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such notification")]
    UnknownNotification,
    #[error("there is no template `{0}`")]
    UnknownTemplate(String),
    #[error("a mail could not be made")]
    Unwritable(#[source] storage::Source),
    #[error("the link of a mail could not be sealed or opened")]
    Seal(#[from] crypto::seal::Error),
    #[error("a mail could not be handed over")]
    Undelivered(#[source] std::io::Error),
    #[error(transparent)]
    Denied(#[from] access::Denied),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::UnknownNotification => &UNKNOWN_NOTIFICATION,
            Self::UnknownTemplate(_) => &UNKNOWN_TEMPLATE,
            Self::Unwritable(_) | Self::Seal(_) | Self::Undelivered(_) => &BROKEN,
            Self::Denied(denied) => denied.code(),
            Self::Storage(error) => error.code(),
        }
    }
}
