//! The head of a request that came by HTTP/2, held to the same rules as one of HTTP/1.1.
//!
//! The library has refused what is malformed by itself: fields of a connection, upper case, pseudo fields that are
//! missing or twice, a `te` that is not `trailers`, and a body that is not as long as it says.

use http::{HeaderMap, HeaderValue, Method, header, request::Parts};

use crate::{framing::is_host, refusal::Refusal, settings::Limits, tunnel::handshake};

/// Makes of a head what the phases know heads as: one `host`, one `cookie`.
pub(super) fn check(head: &mut Parts, limits: &Limits) -> Result<(), Refusal> {
    if handshake::take(head) {
        if head.headers.contains_key(header::CONTENT_LENGTH) {
            return Err(Refusal::AmbiguousFraming);
        }
    } else if matches!(head.method, Method::CONNECT | Method::TRACE) {
        return Err(Refusal::Method);
    }
    if head.headers.len() > limits.headers_max {
        return Err(Refusal::HeadTooLarge);
    }
    if head.headers.get_all(header::CONTENT_LENGTH).iter().nth(1).is_some() {
        return Err(Refusal::AmbiguousFraming);
    }
    let host = host(head)?;
    head.headers.insert(header::HOST, host);
    join_cookies(&mut head.headers)
}

/// Returns the one host of a request: that of `:authority`, of `host`, or of both when they agree.
fn host(head: &Parts) -> Result<HeaderValue, Refusal> {
    let authority = head.uri.authority().map(|authority| authority.as_str().as_bytes());
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let host = hosts.next().map(HeaderValue::as_bytes);
    let agreed = match (authority, host) {
        (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(host) => None,
        (Some(authority), _) => Some(authority),
        (None, host) => host,
    };
    let agreed = agreed.filter(|host| is_host(host) && hosts.next().is_none()).ok_or(Refusal::AmbiguousHost)?;
    HeaderValue::from_bytes(agreed).map_err(|_| Refusal::AmbiguousHost)
}

/// Joins the crumbs into which cookies may be broken (RFC 9113, 8.2.3).
fn join_cookies(headers: &mut HeaderMap) -> Result<(), Refusal> {
    let crumbs: Vec<_> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() > 1 {
        let joined = HeaderValue::from_bytes(&crumbs.join(b"; ".as_slice())).map_err(|_| Refusal::MalformedHead)?;
        headers.insert(header::COOKIE, joined);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn check(uri: &str, method: &str, headers: &[(&str, &str)]) -> Result<Parts, Refusal> {
        let mut request = Request::builder().uri(uri).method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        super::check(&mut head, &Limits::default()).map(|()| head)
    }

    #[test]
    fn a_request_names_one_host_in_one_way() {
        for (uri, headers, expected) in [
            ("https://a:1/x", vec![], "a:1"),
            ("https://a/x", vec![("host", "A")], "a"),
            ("/x", vec![("host", "a")], "a"),
        ] {
            assert_eq!(check(uri, "GET", &headers).unwrap().headers[header::HOST], expected, "{uri} {headers:?}");
        }
        for (uri, headers) in [
            ("https://a/x", vec![("host", "b")]),
            ("https://a/x", vec![("host", "a"), ("host", "a")]),
            ("https://user@a/x", vec![]),
            ("/x", vec![]),
            ("/x", vec![("host", "")]),
            ("/x", vec![("host", "a/b")]),
        ] {
            assert_eq!(check(uri, "GET", &headers).unwrap_err(), Refusal::AmbiguousHost, "{uri} {headers:?}");
        }
    }

    #[test]
    fn other_methods_lengths_and_numbers_of_fields_are_refused_as_in_http_1() {
        for method in ["CONNECT", "TRACE"] {
            assert_eq!(check("https://a/", method, &[]).unwrap_err(), Refusal::Method);
        }
        let twice = [("content-length", "1"), ("content-length", "1")];
        assert_eq!(check("https://a/", "PUT", &twice).unwrap_err(), Refusal::AmbiguousFraming);
        assert_eq!(check("https://a/", "GET", &[("x", "y"); 101]).unwrap_err(), Refusal::HeadTooLarge);
    }

    #[test]
    fn crumbs_of_cookies_are_joined() {
        let head = check("https://a/", "GET", &[("cookie", "a=b"), ("cookie", "c=d; e=f")]).unwrap();
        assert_eq!(head.headers.get_all(header::COOKIE).iter().collect::<Vec<_>>(), ["a=b; c=d; e=f"]);
    }
}
