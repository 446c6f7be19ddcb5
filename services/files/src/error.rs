//! What can go wrong with files, each with its code and its page in `docs/errors/`.

use base::{Code, Fault, FieldError};

/// What this service returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

base::error_codes! {
    /// The file is over the bound.
    TOO_LARGE = "FIL-001", TooLarge;
    /// The file has no content.
    EMPTY = "FIL-002", Invalid;
    /// The form does not hold exactly one file.
    NOT_ONE_FILE = "FIL-003", Invalid;
    /// The content is not what the name says.
    WRONG_CONTENT = "FIL-004", Invalid;
    /// No such file, or none that the caller may know of.
    NOT_FOUND = "FIL-005", NotFound;
    /// The download link is no longer good.
    LINK_EXPIRED = "FIL-006", Forbidden;
    /// Too much was uploaded and not handed in.
    TOO_MUCH = "FIL-007", TooMany;
    /// The place to return to is not of this site.
    WRONG_RETURN = "FIL-008", Invalid;
    /// The blob store is away.
    STORE_AWAY = "FIL-009", Unavailable;
}

/// What can go wrong with files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the file is larger than {} MiB", bytes_max >> 20)]
    TooLarge { bytes_max: u64 },
    #[error("the file is empty")]
    Empty,
    #[error("no file was chosen")]
    NoFile,
    #[error("more than one file was sent")]
    SeveralFiles,
    /// The upload broke off, or is no multipart form: told as of every body that cannot be read.
    #[error(transparent)]
    BrokenOff(web::Refusal),
    #[error("`{name}` is not {expected}")]
    WrongContent { name: String, expected: &'static str },
    #[error("no such file")]
    NotFound,
    #[error("the link to this file is no longer good")]
    LinkExpired,
    #[error("you uploaded more than {} MiB in a day without handing it in", bytes_max >> 20)]
    TooMuch { bytes_max: u64 },
    #[error("the form names a place to return to that is not on this site")]
    WrongReturn,
    #[error("the file store cannot be reached")]
    Blobs(#[from] object_store::Error),
    #[error("a ticket could not be made")]
    Ticket(#[source] crypto::token::Error),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl Error {
    /// Returns the error of a form that breaks off or is none, with what is wrong with it.
    pub fn broken_off(cause: impl Into<String>) -> Self {
        Self::BrokenOff(web::Refusal::UnreadableBody(cause.into()))
    }

    /// Returns the stable reason when it is the file that cannot be taken, so that another would be.
    pub fn of_the_file(&self) -> Option<&'static str> {
        Some(match self {
            Self::TooLarge { .. } => "too_large",
            Self::Empty => "empty",
            Self::NoFile => "required",
            Self::SeveralFiles => "several_files",
            Self::BrokenOff(_) => "broken_off",
            Self::WrongContent { .. } => "content",
            Self::TooMuch { .. } => "too_much",
            _ => return None,
        })
    }
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::TooLarge { .. } => &TOO_LARGE,
            Self::Empty => &EMPTY,
            Self::NoFile | Self::SeveralFiles => &NOT_ONE_FILE,
            Self::BrokenOff(refusal) => refusal.code(),
            Self::WrongContent { .. } => &WRONG_CONTENT,
            Self::NotFound => &NOT_FOUND,
            Self::LinkExpired => &LINK_EXPIRED,
            Self::TooMuch { .. } => &TOO_MUCH,
            Self::WrongReturn => &WRONG_RETURN,
            Self::Blobs(_) | Self::Ticket(_) => &STORE_AWAY,
            Self::Storage(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::WrongReturn => vec![FieldError::new("then", "invalid")],
            Self::BrokenOff(refusal) => refusal.fields(),
            Self::Storage(error) => error.fields(),
            error => error.of_the_file().map(|reason| FieldError::new("file", reason)).into_iter().collect(),
        }
    }

    fn members(&self) -> Vec<(&'static str, Vec<String>)> {
        match self {
            Self::BrokenOff(refusal) => refusal.members(),
            _ => Vec::new(),
        }
    }
}
