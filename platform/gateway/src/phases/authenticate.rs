//! Finds out who asks, and writes it on the request as a signed caller token.

use std::borrow::Cow;

use http::{HeaderMap, header};
use mesh::headers;

use super::Exchange;
use crate::{
    callers::{Credential, Question},
    refusal::Refusal,
};

/// The session cookie where people use https. The prefix keeps other hosts and paths from setting it.
pub const COOKIE_HTTPS: &str = "__Host-fpms";
/// The session cookie on plain http, which is for the local machine only.
pub const COOKIE_HTTP: &str = "fpms";
const CREDENTIAL_BYTES_MAX: usize = 4_096;

pub(super) async fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    if exchange.target()?.outside {
        return Ok(());
    }
    let shared = &exchange.link.worker.shared;
    let found = {
        let headers = &exchange.head.headers;
        let host = host(headers)?;
        let cookie = if shared.settings.https { COOKIE_HTTPS } else { COOKIE_HTTP };
        let credential = credential(headers, cookie)?;
        shared.callers.find(Question { credential, host: &host }, exchange.record.started).await
    };
    let found = found?;
    (exchange.person, exchange.tenant) = (found.subject, found.tenant);
    exchange.head.headers.insert(headers::CALLER, found.token);
    Ok(())
}

/// Reads host and credential as [`run`] does.
#[cfg(any(test, fuzzing))]
pub(super) fn read(headers: &HeaderMap) {
    let _ = host(headers);
    for cookie in [COOKIE_HTTPS, COOKIE_HTTP] {
        if let Ok(Credential::Bearer(text) | Credential::Cookie(text)) = credential(headers, cookie) {
            assert!(text.len() <= CREDENTIAL_BYTES_MAX);
        }
    }
}

/// Returns the host in lower case and without its port.
pub(super) fn host(headers: &HeaderMap) -> Result<Cow<'_, str>, Refusal> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).ok_or(Refusal::AmbiguousHost)?;
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let upper = name.bytes().any(|byte| byte.is_ascii_uppercase());
    Ok(if upper { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) })
}

/// Returns what the request brings; a bearer token before a cookie.
pub(super) fn credential<'a>(headers: &'a HeaderMap, cookie_name: &str) -> Result<Credential<'a>, Refusal> {
    let credential = match bearer(headers)? {
        Some(token) => Credential::Bearer(token),
        None => cookie(headers, cookie_name).map_or(Credential::None, Credential::Cookie),
    };
    match credential {
        Credential::Bearer(text) if text.len() > CREDENTIAL_BYTES_MAX => Err(Refusal::Credential),
        // A browser keeps sending a cookie that is of no use; the person must still reach the sign-in page.
        Credential::Cookie(text) if text.len() > CREDENTIAL_BYTES_MAX => Ok(Credential::None),
        credential => Ok(credential),
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Refusal::Credential);
    }
    let text = value.to_str().map_err(|_| Refusal::Credential)?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Refusal::Credential),
    }
}

/// Returns the value of a cookie, if it has one.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn find(pairs: &[(header::HeaderName, &'static str)]) -> Result<String, Refusal> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        credential(&headers, COOKIE_HTTP).map(|credential| match credential {
            Credential::None => "none".to_owned(),
            Credential::Cookie(text) => format!("cookie {text}"),
            Credential::Bearer(text) => format!("bearer {text}"),
        })
    }

    #[test]
    fn a_credential_is_found_among_other_cookies() {
        let cookie = |text| find(&[(header::COOKIE, text)]).unwrap();
        assert_eq!(cookie("a=b; fpms=x=y;c=d"), "cookie x=y");
        assert_eq!(cookie("fpmsx=1; xfpms=2; __Host-fpms=3"), "none");
        assert_eq!(cookie("fpms="), "none");
        assert_eq!(find(&[(header::COOKIE, "a=b"), (header::COOKIE, "fpms=c")]).unwrap(), "cookie c");
    }

    #[test]
    fn a_bearer_token_wins_and_other_schemes_are_refused() {
        assert_eq!(find(&[(header::COOKIE, "fpms=c"), (header::AUTHORIZATION, "bearer t")]).unwrap(), "bearer t");
        assert_eq!(find(&[(header::AUTHORIZATION, "Basic YTpi")]), Err(Refusal::Credential));
        let twice = [(header::AUTHORIZATION, "Bearer a"), (header::AUTHORIZATION, "Bearer b")];
        assert_eq!(find(&twice), Err(Refusal::Credential));
    }

    #[test]
    fn a_host_is_compared_without_case_and_port() {
        let mut headers = HeaderMap::new();
        for (text, expected) in
            [("Uni.Example:8080", "uni.example"), ("a", "a"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]")]
        {
            headers.insert(header::HOST, HeaderValue::from_static(text));
            assert_eq!(host(&headers).unwrap(), expected, "{text}");
        }
    }
}
