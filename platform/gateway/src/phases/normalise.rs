//! Refuses what can be read in two ways, and removes what is only for the next hop.

use http::{HeaderMap, HeaderName, Uri, Version, header, request::Parts, uri::PathAndQuery};
use mesh::headers;

use super::Exchange;
use crate::{
    refusal::Refusal,
    tunnel::{self, handshake},
};

/// Returns whether a header is for the next hop only (RFC 9110, 7.6.1), or asks the gateway itself for something.
fn is_for_us(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "expect"
    )
}

/// Returns whether no client may have a header of this name removed by nominating it in `Connection`.
fn is_needed(name: &str) -> bool {
    matches!(
        name,
        "host" | "content-length" | "transfer-encoding" | "content-type" | "authorization" | "cookie" | "origin"
    )
}

pub(super) fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    exchange.upgrade = exchange.body.is_none() && tunnel::is_asked(&exchange.head);
    if handshake::is_extended(&exchange.head) {
        let dice = &exchange.link.worker.dice;
        handshake::begin(&mut exchange.head.headers, [dice.throw(), dice.throw()]);
    }
    // By HTTP/1.1 none are passed on.
    let te = exchange.head.headers.get(header::TE).filter(|_| exchange.head.version == Version::HTTP_2);
    exchange.trailers = te.is_some_and(|te| te.as_bytes().eq_ignore_ascii_case(b"trailers"));
    head(&mut exchange.head)
}

pub(super) fn head(head: &mut Parts) -> Result<(), Refusal> {
    if !is_unambiguous(head.uri.path()) {
        return Err(Refusal::AmbiguousPath);
    }
    if head.uri.authority().is_some() {
        head.uri = origin_form(&head.uri);
    }
    remove_hop_by_hop(&mut head.headers)
}

/// Returns whether a field of this name means something in a head only.
pub(crate) fn is_of_a_head(name: &HeaderName) -> bool {
    is_for_us(name.as_str()) || is_needed(name.as_str()) || is_ours(name.as_str())
}

/// Returns whether every reader takes `path` for the same one: no empty, `.` or `..` segment, and no encoded
/// character that some decode before they split and others after.
pub(crate) fn is_unambiguous(path: &str) -> bool {
    let bytes = path.as_bytes();
    if bytes.first() != Some(&b'/') {
        return false;
    }
    let mut rest = bytes;
    let mut before = 0;
    while let Some((byte, after)) = rest.split_first() {
        let sound = match byte {
            b'/' => before != b'/' && !is_dot_segment(after),
            b'%' => is_plain_escape(after),
            b'\\' => false,
            _ => true,
        };
        if !sound {
            return false;
        }
        before = *byte;
        rest = after;
    }
    // Escapes of bytes beyond ASCII must make characters, or readers differ in what they make of them.
    !path.contains('%') || decodes(bytes)
}

/// Returns whether what begins here is `.` or `..`, or that with a parameter after it.
fn is_dot_segment(after: &[u8]) -> bool {
    let ends = |rest: &[u8]| matches!(rest.first(), None | Some(b'/' | b';'));
    match after {
        [b'.', b'.', rest @ ..] | [b'.', rest @ ..] => ends(rest),
        [b';', ..] => true,
        _ => false,
    }
}

/// Returns whether an escape is well formed and stands for a character without a meaning of its own in a path.
fn is_plain_escape(after: &[u8]) -> bool {
    let [high, low, ..] = after else {
        return false;
    };
    let (Some(high), Some(low)) = (hex(*high), hex(*low)) else {
        return false;
    };
    !matches!(high << 4 | low, 0..=0x1f | b'/' | b'\\' | b'.' | b'%' | 0x7f)
}

fn decodes(path: &[u8]) -> bool {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [byte, after @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (byte, after) {
            decoded.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
            rest = after;
        } else {
            decoded.push(*byte);
            rest = after;
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn origin_form(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    Uri::from(path)
}

pub(super) fn remove_hop_by_hop(headers: &mut HeaderMap) -> Result<(), Refusal> {
    if let Some(value) = headers.get(header::CONNECTION)
        && !is_usual(value.as_bytes())
    {
        for name in nominated(headers)? {
            headers.remove(name);
        }
    }
    remove(headers, is_for_us);
    Ok(())
}

/// Removes what is named so; looks first, since most messages have none of it and removing takes a hash.
pub(super) fn remove(headers: &mut HeaderMap, is_meant: impl Fn(&str) -> bool) {
    let meant: Vec<HeaderName> = headers.keys().filter(|key| is_meant(key.as_str())).cloned().collect();
    for name in meant {
        headers.remove(name);
    }
}

fn is_usual(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"keep-alive") || value.eq_ignore_ascii_case(b"close")
}

/// Returns the headers that `Connection` names, none of which may be one that we or the services rely on.
fn nominated(headers: &HeaderMap) -> Result<Vec<HeaderName>, Refusal> {
    let mut names = Vec::new();
    for value in headers.get_all(header::CONNECTION) {
        let text = value.to_str().map_err(|_| Refusal::MalformedHead)?;
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Refusal::MalformedHead)?;
            if is_needed(name.as_str()) || is_ours(name.as_str()) {
                return Err(Refusal::AmbiguousFraming);
            }
            names.push(name);
        }
    }
    Ok(names)
}

fn is_ours(name: &str) -> bool {
    name.starts_with(headers::PREFIX) || name.starts_with("x-forwarded-") || name == headers::TRACEPARENT.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_readers_could_take_differently_is_ambiguous() {
        for good in [
            "/",
            "/a/b",
            "/a/",
            "/.well-known/x",
            "/a..b/...",
            "/a.b",
            "/a%20b",
            "/%E0%BA%9E",
            "/a;v=1/b",
            "/a%3Bb",
            "/~x/@y:z",
        ] {
            assert!(is_unambiguous(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "*",
            "//",
            "/a//b",
            "/.",
            "/..",
            "/a/./b",
            "/a/../b",
            "/a/..",
            "/..;/a",
            "/a/.;x/b",
            "/;/a",
            "/%2e%2e/a",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a\\b",
            "/a%00",
            "/a%0a",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%252e",
            "/a%ff",
            "/%c0%af",
        ] {
            assert!(!is_unambiguous(bad), "{bad}");
        }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), http::HeaderValue::from_static(value))
        };
        pairs.iter().map(header).collect()
    }

    #[test]
    fn headers_for_the_next_hop_are_removed_with_those_they_name() {
        let mut map = headers(&[("connection", "X-Auth, close"), ("x-auth", "1"), ("te", "trailers"), ("accept", "a")]);
        assert_eq!(remove_hop_by_hop(&mut map), Ok(()));
        assert_eq!(map, headers(&[("accept", "a")]));
    }

    #[test]
    fn a_header_that_somebody_relies_on_cannot_be_nominated_away() {
        for name in ["content-length", "host", "cookie", "authorization", "fpms-caller", "x-forwarded-for"] {
            let mut map = headers(&[("connection", name)]);
            assert_eq!(remove_hop_by_hop(&mut map), Err(Refusal::AmbiguousFraming), "{name}");
        }
    }
}
