//! What the gateway must know of gRPC: how its calls are told, their deadlines, and how a refusal is said to them.
//!
//! Never reads a message. The statuses are those of gRPC's own mapping from HTTP, and its deadline status for a service
//! that takes too long.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::refusal::Refusal;

/// How long the client waits for the whole call.
pub(crate) const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
pub(crate) const KIND: HeaderValue = HeaderValue::from_static("application/grpc");
/// Digits of a timeout.
const DIGITS_MAX: usize = 8;
/// What is not written as it is in a message.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// A status of gRPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Unknown = 2,
    DeadlineExceeded = 4,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

impl Status {
    /// Returns the status that says a refusal.
    pub(crate) fn of(refusal: Refusal) -> Self {
        match refusal.status() {
            StatusCode::BAD_REQUEST => Self::Internal,
            StatusCode::UNAUTHORIZED => Self::Unauthenticated,
            StatusCode::FORBIDDEN => Self::PermissionDenied,
            StatusCode::NOT_FOUND => Self::Unimplemented,
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Self::DeadlineExceeded,
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::ResourceExhausted,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => {
                Self::Unavailable
            }
            _ => Self::Unknown,
        }
    }

    /// Returns the trailers that end a call with it.
    pub(crate) fn trailers(self, message: &str) -> HeaderMap {
        let message = utf8_percent_encode(message, ESCAPED).to_string();
        let message = HeaderValue::try_from(message).unwrap_or(HeaderValue::from_static(""));
        HeaderMap::from_iter([(STATUS, HeaderValue::from(self as u16)), (MESSAGE, message)])
    }
}

/// Returns whether a request is a call of gRPC; its web dialect is not one.
pub(crate) fn is_call(version: Version, headers: &HeaderMap) -> bool {
    if version != Version::HTTP_2 {
        return false;
    }
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let rest = kind.strip_prefix(KIND.as_bytes());
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// Returns how long the client waits for the whole call, where it says so.
pub(crate) fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(&TIMEOUT)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > DIGITS_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3_600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// Returns what is left as the header has it, in the finest unit that has room for it.
pub(crate) fn timeout_value(left: Duration) -> HeaderValue {
    let fits = |count: u128| count < 10_u128.pow(DIGITS_MAX as u32);
    let units = [(left.as_micros(), 'u'), (left.as_millis(), 'm'), (u128::from(left.as_secs()), 'S')];
    let (count, unit) = units.into_iter().find(|(count, _)| fits(*count)).unwrap_or((99_999_999, 'S'));
    HeaderValue::try_from(format!("{count}{unit}")).unwrap_or(HeaderValue::from_static("0u"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_call_is_told_by_its_content_type() {
        for (kind, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;x=y", true),
            ("application/grpc-web", false),
            ("application/json", false),
        ] {
            assert_eq!(is_call(Version::HTTP_2, &headers(header::CONTENT_TYPE, kind)), expected, "{kind}");
        }
        assert!(!is_call(Version::HTTP_11, &headers(header::CONTENT_TYPE, "application/grpc")));
    }

    #[test]
    fn timeouts_are_read_and_written_in_every_unit() {
        for (text, expected) in [
            ("1H", Some(3_600_000_000)),
            ("2M", Some(120_000_000)),
            ("99999999S", Some(99_999_999_000_000)),
            ("10m", Some(10_000)),
            ("7u", Some(7)),
            ("1000n", Some(1)),
            ("", None),
            ("S", None),
            ("1", None),
            ("123456789S", None),
            ("-1S", None),
            ("1x", None),
        ] {
            let read = timeout(&headers(TIMEOUT, text));
            assert_eq!(read.map(|time| time.as_micros()), expected, "{text}");
        }
        for (left, expected) in
            [(7, "7u"), (99_999_999, "99999999u"), (100_000_000, "100000m"), (1 << 50, "1125899906S")]
        {
            let value = timeout_value(Duration::from_micros(left));
            let expected = if expected.len() > DIGITS_MAX + 1 { "99999999S" } else { expected };
            assert_eq!(value, expected, "{left}");
        }
    }

    #[test]
    fn refusals_have_the_statuses_of_grpc() {
        for (refusal, status) in [
            (Refusal::NoNode, Status::Unavailable),
            (Refusal::ServiceFailed, Status::Unavailable),
            (Refusal::ServiceSlow, Status::DeadlineExceeded),
            (Refusal::NoRoute, Status::Unimplemented),
            (Refusal::Credential, Status::Unauthenticated),
            (Refusal::BodyTooLarge, Status::ResourceExhausted),
            (Refusal::AmbiguousPath, Status::Internal),
            (Refusal::Method, Status::Unknown),
        ] {
            assert_eq!(Status::of(refusal), status, "{refusal:?}");
        }
        assert_eq!(Status::Unavailable.trailers("100%")[MESSAGE], "100%25");
    }

    proptest::proptest! {
        #[test]
        fn a_timeout_that_is_passed_on_is_never_longer(micros in 0_u64..1 << 46, text in "[0-9]{0,9}[HMSmunx]?") {
            let left = Duration::from_micros(micros);
            let passed = HeaderMap::from_iter([(TIMEOUT, timeout_value(left))]);
            assert!(timeout(&passed).unwrap() <= left);
            let _ = timeout(&HeaderMap::from_iter([(TIMEOUT, HeaderValue::try_from(text).unwrap())]));
        }
    }
}
