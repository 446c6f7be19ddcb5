//! What the gateway refuses by itself, with the stable codes and statuses.

use base::{Code, Fault, error_codes};
use http::StatusCode;

error_codes! {
    /// The head is not a request.
    MALFORMED_HEAD = "GTW-001", Invalid as 400;
    /// The length of the body can be read in more than one way.
    AMBIGUOUS_FRAMING = "GTW-002", Invalid as 400;
    /// A transfer coding other than `chunked`.
    TRANSFER_CODING = "GTW-003", Invalid as 501;
    /// No host, several, or two that differ.
    AMBIGUOUS_HOST = "GTW-004", Invalid as 400;
    /// A method that is not passed on.
    METHOD = "GTW-005", Invalid as 501;
    /// A protocol version that is not spoken.
    VERSION = "GTW-006", Invalid as 505;
    /// Too many or too long header lines.
    HEAD_TOO_LARGE = "GTW-007", Invalid as 431;
    /// A path that can be read in more than one way.
    AMBIGUOUS_PATH = "GTW-008", Invalid as 400;
    /// More body than allowed.
    BODY_TOO_LARGE = "GTW-009", Invalid as 413;
    /// A body that breaks its own framing.
    MALFORMED_BODY = "GTW-010", Invalid as 400;
    /// The request took too long to arrive.
    TOO_SLOW = "GTW-011", Timeout as 408;
    /// More requests than allowed.
    TOO_MANY = "GTW-012", TooMany;
    /// A credential that is not accepted.
    CREDENTIAL = "GTW-013", Unauthenticated;
    /// A host of which nothing is known.
    UNKNOWN_HOST = "GTW-014", NotFound;
    /// A path that no service has.
    NO_ROUTE = "GTW-015", NotFound;
    /// No node of the service can be reached.
    NO_NODE = "GTW-016", Unavailable;
    /// The service broke off.
    SERVICE_FAILED = "GTW-017", Unavailable as 502;
    /// The service did not answer in time.
    SERVICE_SLOW = "GTW-018", Timeout;
    /// The gateway has as much under way as it can carry.
    OVERLOADED = "GTW-019", Unavailable;
    /// Who asks cannot be found out at the moment.
    IDENTITY_AWAY = "GTW-020", Unavailable;
    /// A page of another origin that may not ask.
    OTHER_ORIGIN = "GTW-021", Forbidden;
    /// No secure connection to a place outside could be made.
    NOT_SECURED = "GTW-022", Unavailable as 502;
    /// What answers there does not speak WebSocket.
    NO_WEBSOCKET = "GTW-023", Invalid as 501;
}

macro_rules! refusals {
    ($($(#[$meta:meta])* $name:ident = $code:ident, $reason:literal, $text:literal;)*) => {
        /// A refusal by the gateway itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        #[repr(u8)]
        pub enum Refusal {
            $($(#[$meta])* #[error($text)] $name,)*
        }

        impl Refusal {
            /// Every refusal there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns why, in a word for programs.
            pub fn reason(self) -> &'static str {
                match self {
                    $(Self::$name => $reason,)*
                }
            }

            /// Returns the HTTP status.
            pub fn status(self) -> StatusCode {
                StatusCode::from_u16(self.code().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }

        impl Fault for Refusal {
            fn code(&self) -> &'static Code {
                match self {
                    $(Self::$name => &$code,)*
                }
            }
        }
    };
}

refusals! {
    /// The head is not a request.
    MalformedHead = MALFORMED_HEAD, "malformed-head", "the request's head does not follow HTTP/1.1";
    /// The length of the body can be read in more than one way.
    AmbiguousFraming = AMBIGUOUS_FRAMING, "ambiguous-framing", "the length of the request's body is not stated in exactly one way";
    /// A transfer coding other than `chunked`.
    TransferCoding = TRANSFER_CODING, "transfer-coding", "the only transfer coding understood is `chunked`";
    /// No host, several, or two that differ.
    AmbiguousHost = AMBIGUOUS_HOST, "ambiguous-host", "the request does not name exactly one host";
    /// A method that is not passed on.
    Method = METHOD, "method", "this method is not passed on";
    /// A protocol version that is not spoken.
    Version = VERSION, "version", "only HTTP/1.1 and HTTP/1.0 are spoken here";
    /// Too many or too long header lines.
    HeadTooLarge = HEAD_TOO_LARGE, "head-too-large", "the request's head is too large";
    /// A path that can be read in more than one way.
    AmbiguousPath = AMBIGUOUS_PATH, "ambiguous-path", "the path can be read in more than one way";
    /// More body than allowed.
    BodyTooLarge = BODY_TOO_LARGE, "body-too-large", "the request's body is too large";
    /// A body that breaks its own framing.
    MalformedBody = MALFORMED_BODY, "malformed-body", "the request's body breaks off or breaks its own framing";
    /// The request took too long to arrive.
    TooSlow = TOO_SLOW, "too-slow", "the request took too long to arrive";
    /// More requests than allowed.
    TooMany = TOO_MANY, "too-many", "too many requests in a short time";
    /// A credential that is not accepted.
    Credential = CREDENTIAL, "credential", "the credential is not accepted";
    /// A host of which nothing is known.
    UnknownHost = UNKNOWN_HOST, "unknown-host", "nothing is served under this name";
    /// A path that no service has.
    NoRoute = NO_ROUTE, "no-route", "there is nothing at this address";
    /// No node of the service can be reached.
    NoNode = NO_NODE, "no-node", "the part of the system that answers this cannot be reached";
    /// The service broke off.
    ServiceFailed = SERVICE_FAILED, "service-failed", "the part of the system that answers this broke off";
    /// The service did not answer in time.
    ServiceSlow = SERVICE_SLOW, "service-slow", "the part of the system that answers this took too long";
    /// The gateway has as much under way as it can carry.
    Overloaded = OVERLOADED, "overloaded", "more requests are under way than can be carried";
    /// Who asks cannot be found out at the moment.
    IdentityAway = IDENTITY_AWAY, "identity-away", "signing in cannot be checked at the moment";
    /// A page of another origin that may not ask.
    OtherOrigin = OTHER_ORIGIN, "other-origin", "pages of this origin may not send such a request";
    /// No secure connection to a place outside could be made.
    NotSecured = NOT_SECURED, "not-secured", "no secure connection to the part of the system that answers this could be made";
    /// What answers there does not speak WebSocket.
    NoWebSocket = NO_WEBSOCKET, "no-websocket", "what answers this address does not speak WebSocket";
}

impl Refusal {
    /// Returns whether the connection ends with the answer, because what follows on it cannot be trusted or is unread.
    pub(crate) fn closes(self) -> bool {
        matches!(
            self,
            Self::MalformedHead
                | Self::AmbiguousFraming
                | Self::TransferCoding
                | Self::AmbiguousHost
                | Self::Method
                | Self::Version
                | Self::HeadTooLarge
                | Self::BodyTooLarge
                | Self::MalformedBody
                | Self::TooSlow
        )
    }

    /// Returns whether the same request may succeed in a moment.
    pub(crate) fn passes(self) -> bool {
        matches!(self, Self::NoNode | Self::Overloaded | Self::IdentityAway | Self::TooMany)
    }

    /// Returns its number for [`Refusal::from_number`].
    pub(crate) fn number(self) -> usize {
        self as usize
    }

    /// Returns the refusal with this number.
    pub(crate) fn from_number(number: usize) -> Option<Self> {
        Self::ALL.get(number).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_code_of_its_own_with_a_page() {
        assert_eq!(Refusal::ALL.len(), CODES.len());
        for (number, refusal) in Refusal::ALL.iter().enumerate() {
            assert_eq!(refusal.code(), CODES[number]);
            assert!(refusal.code().page.starts_with(&format!("# {}: ", refusal.code().id)), "{refusal:?}");
            assert_eq!(Refusal::from_number(refusal.number()), Some(*refusal));
        }
    }
}
