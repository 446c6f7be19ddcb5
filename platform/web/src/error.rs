//! The kit's own refusals, and [`Failure`], into which any error that a user may see converts.

use base::{Code, ErrorKind, Fault, FieldError};

/// The result of a handler.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

base::error_codes! {
    /// No route, or no such object.
    NOTHING_HERE = "WEB-001", NotFound;
    /// The route exists, with another method.
    METHOD_NOT_ALLOWED = "WEB-002", Invalid as 405;
    /// The body is larger than the route takes.
    TOO_LARGE = "WEB-003", TooLarge;
    /// The body is not what its content type says.
    UNREADABLE_BODY = "WEB-004", Invalid as 400;
    /// The content type is not one that the route takes.
    UNSUPPORTED_MEDIA = "WEB-005", Invalid as 415;
    /// Some fields are wrong.
    WRONG_FIELDS = "WEB-006", Invalid;
    /// The query string is wrong.
    WRONG_QUERY = "WEB-007", Invalid as 400;
    /// The cursor was not made for this list and tenant.
    FOREIGN_CURSOR = "WEB-008", Invalid as 400;
    /// The idempotency key is malformed.
    WRONG_ONCE_KEY = "WEB-009", Invalid as 400;
    /// The request was sent by another site.
    CROSS_SITE = "WEB-010", Forbidden;
    /// The request did not come through the gateway.
    NO_CALLER = "WEB-011", Unauthenticated;
    /// A sign-in is needed.
    SIGN_IN = "WEB-012", Unauthenticated;
    /// The version must be given in If-Match.
    VERSION_REQUIRED = "WEB-013", Invalid as 428;
    /// The version given is not the current one.
    VERSION_STALE = "WEB-014", Conflict as 412;
    /// The time allowed ran out.
    OUT_OF_TIME = "WEB-015", Timeout;
    /// Our fault.
    INTERNAL = "WEB-500", Internal;
}

/// What the kit refuses before a handler runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is there.
    #[error("there is nothing at this address")]
    NothingHere,
    /// The address takes other methods.
    #[error("the method `{0}` is not allowed here")]
    MethodNotAllowed(http::Method),
    /// The body is too large.
    #[error("the request is larger than {bytes_max} bytes")]
    TooLarge {
        /// The largest that the route takes.
        bytes_max: usize,
    },
    /// The body cannot be read; the text says why.
    #[error("what was sent cannot be read: {0}")]
    UnreadableBody(String),
    /// The content type is not taken here.
    #[error("the content type must be `{0}`")]
    UnsupportedMedia(&'static str),
    /// Fields are wrong.
    #[error("some fields are missing or wrong")]
    WrongFields(Vec<FieldError>),
    /// The query string is wrong.
    #[error("the address asks for something wrong in {}", quoted(.0))]
    WrongQuery(Vec<FieldError>),
    /// The query string has a name that the operation does not know.
    #[error("the address has a parameter that is not known here: {}", quoted(fields))]
    UnknownParameter {
        /// The names that are unknown.
        fields: Vec<FieldError>,
        /// What the first of them may have been meant to be.
        nearest: Option<String>,
        /// The names that the operation knows.
        known: Vec<String>,
    },
    /// The cursor belongs elsewhere.
    #[error("the cursor was not made for this list")]
    ForeignCursor,
    /// The idempotency key is malformed.
    #[error("an idempotency key has 1 to 255 visible characters")]
    WrongOnceKey,
    /// Another site sent the request.
    #[error("the request was sent by another site")]
    CrossSite,
    /// No caller token, or one that does not verify.
    #[error("the request carries no valid caller")]
    NoCaller,
    /// Somebody must sign in.
    #[error("a sign-in is needed")]
    SignIn,
    /// If-Match is needed.
    #[error("the header `If-Match` must carry the version last read")]
    VersionRequired,
    /// If-Match names an older version.
    #[error("somebody changed it in the meantime")]
    VersionStale,
    /// The time allowed ran out.
    #[error("the time allowed ran out")]
    OutOfTime,
    /// Our fault; the text goes to the log alone.
    #[error("something went wrong on our side")]
    Internal(String),
}

/// Returns the names of the fields, as a text has them.
fn quoted(fields: &[FieldError]) -> String {
    fields.iter().map(|field| format!("`{}`", field.field)).collect::<Vec<_>>().join(", ")
}

impl Fault for Refusal {
    fn code(&self) -> &'static Code {
        match self {
            Self::NothingHere => &NOTHING_HERE,
            Self::MethodNotAllowed(_) => &METHOD_NOT_ALLOWED,
            Self::TooLarge { .. } => &TOO_LARGE,
            Self::UnreadableBody(_) => &UNREADABLE_BODY,
            Self::UnsupportedMedia(_) => &UNSUPPORTED_MEDIA,
            Self::WrongFields(_) => &WRONG_FIELDS,
            Self::WrongQuery(_) | Self::UnknownParameter { .. } => &WRONG_QUERY,
            Self::ForeignCursor => &FOREIGN_CURSOR,
            Self::WrongOnceKey => &WRONG_ONCE_KEY,
            Self::CrossSite => &CROSS_SITE,
            Self::NoCaller => &NO_CALLER,
            Self::SignIn => &SIGN_IN,
            Self::VersionRequired => &VERSION_REQUIRED,
            Self::VersionStale => &VERSION_STALE,
            Self::OutOfTime => &OUT_OF_TIME,
            Self::Internal(_) => &INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::WrongFields(fields) | Self::WrongQuery(fields) | Self::UnknownParameter { fields, .. } => {
                fields.clone()
            }
            _ => Vec::new(),
        }
    }

    fn hint(&self) -> Option<String> {
        let Self::UnknownParameter { nearest, known, .. } = self else { return None };
        Some(match (nearest, known.as_slice()) {
            (Some(nearest), _) => format!("the nearest name is `{nearest}`"),
            (None, []) => "this operation takes no parameters".to_owned(),
            (None, known) => format!("the names are `{}`", known.join("`, `")),
        })
    }

    fn members(&self) -> Vec<(&'static str, Vec<String>)> {
        match self {
            Self::MethodNotAllowed(method) => vec![("method", vec![method.to_string()])],
            Self::TooLarge { bytes_max } => vec![("bytes_max", vec![bytes_max.to_string()])],
            Self::UnreadableBody(cause) => vec![("cause", vec![cause.clone()])],
            Self::UnknownParameter { known, .. } => vec![("parameters", known.clone())],
            Self::UnsupportedMedia(expected) => vec![("expected", vec![(*expected).to_owned()])],
            _ => Vec::new(),
        }
    }
}

/// Any error that a user may see, on its way out of a handler.
#[derive(Debug)]
pub struct Failure(Box<dyn Fault>);

impl<F: Fault> From<F> for Failure {
    fn from(fault: F) -> Self {
        Self(Box::new(fault))
    }
}

impl Failure {
    /// Returns the failure of a form or body with these fields wrong.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        Refusal::WrongFields(fields).into()
    }

    /// Returns the failure that says no more than "not found", which is also what other tenants' objects answer.
    pub fn not_found() -> Self {
        Refusal::NothingHere.into()
    }

    /// Returns a failure of our own; `cause` goes to the log and never to the user.
    pub fn internal(cause: &dyn std::error::Error) -> Self {
        Refusal::Internal(chain(cause)).into()
    }

    /// Returns the error itself.
    pub fn fault(&self) -> &dyn Fault {
        &*self.0
    }

    /// Returns what sort of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.code().kind
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.0.code().status
    }

    /// Returns the whole chain of causes, for the log.
    pub(crate) fn log_text(&self) -> String {
        let error: &(dyn std::error::Error + 'static) = &*self.0;
        match error.downcast_ref::<Refusal>() {
            Some(Refusal::Internal(cause)) => cause.clone(),
            _ => chain(error),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_titled_page() {
        for code in CODES {
            for (language, _) in base::language::LANGUAGES {
                let (title, explanation) = (code.title_in(language), code.explanation_in(language));
                assert!(!title.is_empty() && !explanation.is_empty(), "{code:?} in {language}");
                assert!(
                    !explanation.contains('`'),
                    "{code:?} in {language} speaks to people as to programs: {explanation}"
                );
            }
        }
    }

    #[test]
    fn refusals_have_finer_statuses_than_their_kinds() {
        assert_eq!(Failure::from(Refusal::TooLarge { bytes_max: 1 }).status(), 413);
        assert_eq!(Failure::from(Refusal::UnreadableBody(String::new())).status(), 400);
        assert_eq!(Failure::fields(Vec::new()).status(), 422);
        assert_eq!(Failure::not_found().status(), 404);
    }
}
