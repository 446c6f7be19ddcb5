//! Reading and writing the kit's cookies: language, theme and the message for the next page.

use http::{HeaderMap, HeaderValue, header};

pub(crate) const LANGUAGE: &str = base::language::COOKIE;
pub(crate) const THEME: &str = "fpms_theme";
pub(crate) const FLASH: &str = "fpms_flash";

/// Returns the value of the cookie `name`.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Returns the `Set-Cookie` line that keeps `value` for `seconds`; zero forgets it.
///
/// `value` is one of ours, made of token characters only.
pub(crate) fn write(name: &str, value: &str, seconds: u32) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("xfpms_theme=a; fpms_theme=dark"));
        headers.append(header::COOKIE, HeaderValue::from_static("fpms_language=lo"));
        assert_eq!(read(&headers, THEME), Some("dark"));
        assert_eq!(read(&headers, LANGUAGE), Some("lo"));
        assert_eq!(read(&headers, FLASH), None);
    }
}
