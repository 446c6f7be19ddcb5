//! The session cookie.
//!
//! On https it is `__Host-fpms`, which browsers accept only from this very host and only with Secure (RFC 6265bis, 4.1.3.2).
//! On plain http, which is for this machine alone, browsers would refuse that name, and it is `fpms`.

use http::HeaderValue;

use crate::{Settings, model::credential::Credential};

/// Name of the cookie on https.
pub const SECURE_NAME: &str = "__Host-fpms";
/// Name of the cookie on plain http.
pub const PLAIN_NAME: &str = "fpms";

/// Returns the name of the cookie.
pub const fn name(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { PLAIN_NAME }
}

/// Returns the `Set-Cookie` line that brings a session to its browser.
pub(crate) fn set(settings: &Settings, credential: &Credential) -> Option<HeaderValue> {
    let seconds = settings.session_limits().absolute.as_secs();
    line(settings, &credential.expose(), seconds)
}

/// Returns the `Set-Cookie` line that takes the session away.
pub(crate) fn clear(settings: &Settings) -> Option<HeaderValue> {
    line(settings, "", 0)
}

/// Returns the `Set-Cookie` line that forgets the language chosen in this browser, so that the person's own is used.
///
/// The cookie is the web kit's; its switch at the foot of each page sets it again.
pub(crate) const fn forget_language() -> HeaderValue {
    HeaderValue::from_static("fpms_language=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
}

fn line(settings: &Settings, value: &str, seconds: u64) -> Option<HeaderValue> {
    let name = name(settings.secure_cookies);
    let secure = if settings.secure_cookies { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(secure_cookies: bool, expected: &str) {
        let settings = Settings { secure_cookies, ..Settings::default() };
        assert_eq!(clear(&settings).unwrap(), expected);
    }

    #[test]
    fn the_cookie_is_as_strict_as_its_address_allows() {
        check(true, "__Host-fpms=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
        check(false, "fpms=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn a_session_is_not_shown_when_the_header_is_printed() {
        let text = format!("00000000-0000-0000-0000-000000000007.{}", "A".repeat(43));
        let line = set(&Settings::default(), &Credential::parse(&text).unwrap()).unwrap();
        assert!(line.to_str().unwrap().starts_with(&format!("__Host-fpms={text}; Path=/; Max-Age=604800;")));
        assert_eq!(format!("{line:?}"), "Sensitive");
    }
}
