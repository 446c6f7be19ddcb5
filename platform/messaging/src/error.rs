//! What can go wrong in messaging.

use base::{Code, Fault};

/// What messaging functions return.
pub type Result<T> = std::result::Result<T, Error>;

base::error_codes! {
    /// There is no such dead letter.
    UNKNOWN_DEAD_LETTER = "MSG-001", NotFound;
    /// The event bus is away.
    BUS_UNAVAILABLE = "MSG-002", Unavailable;
    /// There is no such consumer.
    UNKNOWN_CONSUMER = "MSG-003", NotFound;
}

/// What can go wrong in messaging.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such dead letter, or it was sent again already.
    #[error("no dead letter of this id")]
    UnknownDeadLetter,
    /// No service has a consumer of this name.
    #[error("no consumer is called `{0}`")]
    UnknownConsumer(String),
    /// The bus is away.
    #[error("the event bus is unavailable")]
    Bus(#[source] storage::Source),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::UnknownDeadLetter => &UNKNOWN_DEAD_LETTER,
            Self::UnknownConsumer(_) => &UNKNOWN_CONSUMER,
            Self::Bus(_) => &BUS_UNAVAILABLE,
            Self::Storage(error) => error.code(),
        }
    }
}
