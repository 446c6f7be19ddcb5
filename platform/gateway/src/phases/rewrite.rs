//! Changes of the request what its route says, and takes off what a place outside of the installation must not see.

use http::{HeaderMap, HeaderValue, header};
use mesh::headers;

use super::{COOKIE_HTTP, COOKIE_HTTPS, Exchange, normalise};
use crate::refusal::Refusal;

pub(super) fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    let outside = exchange.target()?.outside;
    let head = &mut exchange.head;
    if outside {
        remove_own(&mut head.headers);
    }
    let Some(entry) = &exchange.entry else { return Ok(()) };
    let route = &entry.way.route;
    route.rewrite.apply(&mut head.uri, &mut head.headers, entry.prefix());
    route.request_headers.apply(&mut head.headers);
    Ok(())
}

/// Removes what is between us and our services: a place outside could use a session as if it were its own.
pub(super) fn remove_own(headers: &mut HeaderMap) {
    normalise::remove(headers, |name| name.starts_with(headers::PREFIX));
    if !headers.contains_key(header::COOKIE) {
        return;
    }
    let header::Entry::Occupied(cookies) = headers.entry(header::COOKIE) else { return };
    let (_, values) = cookies.remove_entry_mult();
    let kept: Vec<_> = values.filter_map(|value| without_session(&value)).collect();
    for value in kept {
        headers.append(header::COOKIE, value);
    }
}

/// Returns the cookies that are not our session; what cannot be read is not passed on.
fn without_session(value: &HeaderValue) -> Option<HeaderValue> {
    let is_session = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().trim();
        name == COOKIE_HTTP || name == COOKIE_HTTPS
    };
    let kept: Vec<_> = value.to_str().ok()?.split(';').map(str::trim).filter(|pair| !is_session(pair)).collect();
    if kept.is_empty() { None } else { HeaderValue::try_from(kept.join("; ")).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_outside_sees_no_session() {
        for (cookies, expected) in [
            ("fpms=secret", None),
            ("a=b; fpms=secret;c=d", Some("a=b; c=d")),
            ("__Host-fpms = secret; xfpms=1", Some("xfpms=1")),
        ] {
            let mut headers = HeaderMap::from_iter([
                (header::COOKIE, HeaderValue::from_static(cookies)),
                (headers::CALLER, HeaderValue::from_static("token")),
            ]);
            remove_own(&mut headers);
            assert_eq!(headers.get(header::COOKIE).map(|value| value.to_str().unwrap()), expected, "{cookies}");
            assert!(!headers.contains_key(headers::CALLER));
        }
    }
}
