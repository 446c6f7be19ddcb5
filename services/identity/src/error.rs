//! What can go wrong in identity.

use base::{Code, Fault, FieldError};

/// What identity's functions return.
pub type Result<T> = std::result::Result<T, Error>;

base::error_codes! {
    /// Wrong e-mail or password, or no such account.
    WRONG_CREDENTIALS = "IDN-001", Unauthenticated;
    /// Too many failed attempts.
    TOO_MANY_ATTEMPTS = "IDN-002", TooMany;
    /// The password is too short or too common.
    WEAK_PASSWORD = "IDN-003", Invalid;
    /// The link was used or has expired.
    LINK_ENDED = "IDN-004", Invalid;
    /// No such person, role, session or token.
    NOT_FOUND = "IDN-005", NotFound;
    /// Somebody else has this address or number.
    TAKEN = "IDN-006", Conflict;
    /// Fields are wrong.
    WRONG_FIELDS = "IDN-007", Invalid;
    /// Somebody else changed it.
    STALE = "IDN-008", Conflict as 412;
    /// The queue of passwords to be checked is full.
    BUSY = "IDN-009", Unavailable;
    /// The last administrator may not go.
    LAST_ADMINISTRATOR = "IDN-010", Conflict;
    /// No university was chosen, or one that there is not.
    UNKNOWN_UNIVERSITY = "IDN-011", Invalid;
    /// The person has too many API tokens.
    TOO_MANY_TOKENS = "IDN-012", Conflict;
    /// An API token may not do this.
    SESSION_NEEDED = "IDN-013", Forbidden;
    /// Our fault.
    BROKEN = "IDN-500", Internal;
}

/// What can go wrong in identity.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("e-mail or password is wrong")]
    WrongCredentials,
    #[error("too many attempts; try again in {wait_seconds} seconds")]
    TooManyAttempts { wait_seconds: u64 },
    #[error("the password cannot be chosen")]
    WeakPassword { field: &'static str, reason: &'static str },
    #[error("the link was used before or has expired")]
    LinkEnded,
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("somebody else has this already")]
    Taken { field: &'static str },
    #[error("some fields are missing or wrong")]
    Fields(Vec<FieldError>),
    #[error("somebody changed it in the meantime")]
    Stale,
    #[error("too many people are signing in at once")]
    Busy,
    #[error("the university would be left without an administrator")]
    LastAdministrator,
    #[error("several universities are here, and the request does not say which one is meant")]
    UniversityWanted,
    #[error("no university of this name")]
    UnknownUniversity,
    #[error("there are too many API tokens")]
    TooManyTokens,
    #[error("only a person who has signed in may do this")]
    SessionNeeded,
    #[error(transparent)]
    Denied(#[from] access::Denied),
    #[error(transparent)]
    Storage(storage::Error),
    #[error("a secret could not be made or read")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Returns the error of one wrong field.
    pub fn field(field: &'static str, reason: &'static str) -> Self {
        Self::Fields(vec![FieldError::new(field, reason)])
    }
}

impl From<storage::Error> for Error {
    /// A row that exists already is the user's affair where the table says which field it is.
    fn from(error: storage::Error) -> Self {
        match &error {
            storage::Error::Unique { constraint } if constraint.starts_with("person_number") => {
                Self::Taken { field: "numbers" }
            }
            storage::Error::Unique { constraint } if constraint.starts_with("person(email") => {
                Self::Taken { field: "email" }
            }
            _ => Self::Storage(error),
        }
    }
}

impl From<crypto::password::Error> for Error {
    fn from(error: crypto::password::Error) -> Self {
        match error {
            crypto::password::Error::Busy => Self::Busy,
            crypto::password::Error::TooLong => Self::WeakPassword { field: "password", reason: "too_long" },
            crypto::password::Error::Broken => Self::Broken(Box::new(error)),
        }
    }
}

impl From<crypto::token::Error> for Error {
    fn from(error: crypto::token::Error) -> Self {
        Self::Broken(Box::new(error))
    }
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::WrongCredentials => &WRONG_CREDENTIALS,
            Self::TooManyAttempts { .. } => &TOO_MANY_ATTEMPTS,
            Self::WeakPassword { .. } => &WEAK_PASSWORD,
            Self::LinkEnded => &LINK_ENDED,
            Self::NotFound(_) => &NOT_FOUND,
            Self::Taken { .. } => &TAKEN,
            Self::Fields(_) => &WRONG_FIELDS,
            Self::Stale => &STALE,
            Self::Busy => &BUSY,
            Self::LastAdministrator => &LAST_ADMINISTRATOR,
            Self::UniversityWanted | Self::UnknownUniversity => &UNKNOWN_UNIVERSITY,
            Self::TooManyTokens => &TOO_MANY_TOKENS,
            Self::SessionNeeded => &SESSION_NEEDED,
            Self::Denied(denied) => denied.code(),
            Self::Storage(error) => error.code(),
            Self::Broken(_) => &BROKEN,
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Fields(fields) => fields.clone(),
            Self::WeakPassword { field, reason } => vec![FieldError::new(*field, *reason)],
            Self::Taken { field } => vec![FieldError::new(*field, "taken")],
            Self::UniversityWanted => vec![FieldError::new("university", "university_wanted")],
            Self::UnknownUniversity => vec![FieldError::new("university", "university_unknown")],
            _ => Vec::new(),
        }
    }

    fn members(&self) -> Vec<(&'static str, Vec<String>)> {
        match self {
            Self::TooManyAttempts { wait_seconds } => vec![("retry_after_seconds", vec![wait_seconds.to_string()])],
            Self::Denied(denied) => denied.members(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_titled_page() {
        for code in CODES {
            assert!(!code.title().is_empty() && !code.explanation_in("en").is_empty(), "{code:?}");
        }
    }

    #[test]
    fn a_taken_address_is_a_matter_of_its_field() {
        let unique = |constraint: &str| Error::from(storage::Error::Unique { constraint: constraint.to_owned() });
        assert_eq!(unique("person(email)").fields(), [FieldError::new("email", "taken")]);
        assert_eq!(unique("person_number(number)").code(), &TAKEN);
        assert_eq!(unique("session(digest)").code().id, "STO-003");
    }
}
