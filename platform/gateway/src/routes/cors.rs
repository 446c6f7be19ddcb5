//! Which pages of other origins may read a route's answers (the Fetch standard, 3.2), decided by the gateway alone.
//!
//! Pure. A page whose origin is not named gets its answer without the headers, and its browser keeps it from the page.
//! Start reading at [`Cors::preflight`] and [`Cors::mark`].

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Deserialize;

use super::pattern::{Expression, Name, Verb};

const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");
const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const PREFLIGHT_VARY: HeaderValue = HeaderValue::from_static(
    "origin, access-control-request-method, access-control-request-headers, access-control-request-private-network",
);
const TRUE: HeaderValue = HeaderValue::from_static("true");
/// What an answer of the backend may not say by itself: two opinions would make the browser refuse both.
const OURS: [HeaderName; 7] = [
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_ALLOW_METHODS,
    header::ACCESS_CONTROL_ALLOW_HEADERS,
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    header::ACCESS_CONTROL_MAX_AGE,
    ALLOW_PRIVATE_NETWORK,
];
/// Browsers send these without asking, whatever is allowed (the Fetch standard's CORS-safelisted methods).
const SAFELISTED: [Method; 3] = [Method::GET, Method::HEAD, Method::POST];

/// What a route allows to pages of other origins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cors {
    origins: Vec<Origin>,
    /// Besides GET, HEAD and POST.
    #[serde(default)]
    methods: Vec<AnyOr<Verb>>,
    /// Besides those that browsers send without asking.
    #[serde(default)]
    headers: Vec<AnyOr<Name>>,
    /// Headers of an answer that the page may read.
    #[serde(default)]
    expose: Vec<AnyOr<Name>>,
    /// Whether cookies come along.
    #[serde(default)]
    credentials: bool,
    /// How long a browser remembers the answer to its preflight.
    max_age_seconds: Option<u32>,
    /// Whether pages of the public network may reach into this one.
    #[serde(default)]
    private_network: bool,
}

/// An origin, or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
enum Origin {
    Any,
    Exact(String),
    /// What stands before and after one `*`, which stands for labels of a name.
    Below(String, String),
    Regex(Expression),
}

/// `*`, or one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum AnyOr<T> {
    Any(Star),
    One(T),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Star {
    #[serde(rename = "*")]
    Star,
}

impl Cors {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.origins.is_empty() {
            return Err("has `cors` without `origins`".to_owned());
        }
        if self.credentials && self.origins.contains(&Origin::Any) {
            return Err(
                "would let any site use its visitors' cookies; name the `origins` or drop `credentials`".to_owned()
            );
        }
        Ok(())
    }

    /// Answers a preflight by headers; `None` when the page may not.
    pub(crate) fn preflight(&self, asked: &HeaderMap) -> Option<HeaderMap> {
        let origin = asked.get(header::ORIGIN).filter(|origin| self.allows(origin))?;
        let method = asked.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
        let listed = |verb: &Verb| verb.0.as_str().as_bytes() == method.as_bytes();
        let safe = SAFELISTED.iter().any(|safe| safe.as_str().as_bytes() == method.as_bytes());
        if !safe && !allows(&self.methods, listed) {
            return None;
        }
        let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
        if let Some(wanted) = wanted {
            let mut names = wanted.to_str().ok()?.split(',').map(str::trim).filter(|name| !name.is_empty());
            if !names.all(|name| allows(&self.headers, |allowed| allowed.0.eq_ignore_ascii_case(name))) {
                return None;
            }
        }
        let private = asked.get(&REQUEST_PRIVATE_NETWORK).is_some_and(|value| value == TRUE);
        if private && !self.private_network {
            return None;
        }
        let mut answer = HeaderMap::new();
        self.name_origin(&mut answer, origin);
        // What was asked for is named, and not `*`, which means nothing once cookies come along.
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method.clone());
        if let Some(wanted) = wanted {
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
        if let Some(seconds) = self.max_age_seconds {
            answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds));
        }
        if private {
            answer.insert(ALLOW_PRIVATE_NETWORK, TRUE);
        }
        answer.insert(header::VARY, PREFLIGHT_VARY);
        Some(answer)
    }

    /// Writes on an answer whether a page of `origin` may read it.
    pub(crate) fn mark(&self, answer: &mut HeaderMap, origin: Option<&HeaderValue>) {
        for name in &OURS {
            answer.remove(name);
        }
        // An answer that is the same for every origin says so; any other must not be given to a page of another one.
        if !self.is_open() {
            answer.append(header::VARY, HeaderValue::from_static("origin"));
        }
        let Some(origin) = origin.filter(|origin| self.allows(origin)) else { return };
        self.name_origin(answer, origin);
        let exposed: Vec<_> = self.expose.iter().map(AnyOr::text).collect();
        if let Ok(value) = HeaderValue::try_from(exposed.join(", "))
            && !exposed.is_empty()
        {
            answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, value);
        }
    }

    fn name_origin(&self, answer: &mut HeaderMap, origin: &HeaderValue) {
        let named = if self.is_open() { HeaderValue::from_static("*") } else { origin.clone() };
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, named);
        if self.credentials {
            answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
    }

    fn is_open(&self) -> bool {
        self.origins.contains(&Origin::Any)
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        let Ok(text) = origin.to_str() else { return false };
        self.origins.iter().any(|allowed| allowed.fits(text))
    }
}

fn allows<T>(list: &[AnyOr<T>], fits: impl Fn(&T) -> bool) -> bool {
    list.iter().any(|entry| match entry {
        AnyOr::Any(_) => true,
        AnyOr::One(one) => fits(one),
    })
}

impl AnyOr<Name> {
    fn text(&self) -> &str {
        match self {
            Self::Any(_) => "*",
            Self::One(name) => &name.0,
        }
    }
}

impl Origin {
    fn fits(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => exact == origin,
            Self::Below(before, after) => {
                let between = origin.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
                let label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
                between.is_some_and(|between| !between.is_empty() && between.bytes().all(label))
            }
            Self::Regex(expression) => expression.fits(origin),
        }
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if text == "null" {
            return Ok(Self::Exact(text));
        }
        if let Some(expression) = text.strip_prefix('~') {
            return Expression::try_from(expression.to_owned()).map(Self::Regex);
        }
        let wrong =
            || format!("`{text}` is not an origin, such as `https://uni.example`, `https://*.uni.example` or `*`");
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        // Browsers send origins in lower case and without a slash at the end; what differs would never fit.
        let plain = |byte: u8| {
            byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !matches!(byte, b'/' | b'?' | b'#' | b'@')
        };
        if scheme.is_empty() || rest.is_empty() || !text.replacen("://", "", 1).bytes().all(plain) {
            return Err(wrong());
        }
        match rest.split_once('*') {
            None => Ok(Self::Exact(text)),
            Some(("", after)) if after.starts_with('.') && !after.contains('*') => {
                Ok(Self::Below(format!("{scheme}://"), after.to_owned()))
            }
            Some(_) => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(text: &str) -> Cors {
        let cors: Cors = toml::from_str(text).unwrap();
        cors.check().unwrap();
        cors
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn an_origin_fits_as_it_is_written() {
        for (pattern, inside, outside) in [
            ("https://a.example", "https://a.example", "http://a.example"),
            ("https://a.example:8443", "https://a.example:8443", "https://a.example"),
            ("https://*.a.example", "https://b.c.a.example", "https://a.example"),
            ("https://*.a.example", "https://b.a.example", "https://evil.example/.a.example"),
            ("https://*.a.example", "https://x.a.example", "https://ba.example"),
            ("~https://[a-z]+[.]example", "https://abc.example", "https://abc.example.evil"),
            ("null", "null", "https://null"),
        ] {
            let origin = Origin::try_from(pattern.to_owned()).unwrap();
            assert!(origin.fits(inside) && !origin.fits(outside), "{pattern}");
        }
        for bad in ["a.example", "https://", "https://A.example", "https://a.example/", "https://a.*.example", "~(", ""]
        {
            assert!(Origin::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_preflight_is_allowed_what_the_route_allows_and_nothing_else() {
        let cors = cors(
            "origins = ['https://a.example']\nmethods = ['PUT']\nheaders = ['X-One']\nmax_age_seconds = 60\ncredentials = true",
        );
        let ask = |method: &'static str, names: &'static str| {
            cors.preflight(&headers(&[
                ("origin", "https://a.example"),
                ("access-control-request-method", method),
                ("access-control-request-headers", names),
            ]))
        };
        let answer = ask("PUT", "x-one").unwrap();
        for (name, value) in [
            ("access-control-allow-origin", "https://a.example"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-allow-headers", "x-one"),
            ("access-control-allow-credentials", "true"),
            ("access-control-max-age", "60"),
        ] {
            assert_eq!(get(&answer, name), Some(value));
        }
        assert!(get(&answer, "vary").unwrap().contains("origin"));
        assert!(ask("POST", "").is_some() && ask("DELETE", "").is_none() && ask("put", "").is_none());
        assert!(ask("GET", "x-one, x-two").is_none());
        let other = [("origin", "https://b.example"), ("access-control-request-method", "GET")];
        assert!(cors.preflight(&headers(&other)).is_none());
    }

    #[test]
    fn a_private_network_is_opened_only_where_the_route_says_so() {
        let asked = headers(&[
            ("origin", "https://a.example"),
            ("access-control-request-method", "GET"),
            ("access-control-request-private-network", "true"),
        ]);
        assert!(cors("origins = ['*']").preflight(&asked).is_none());
        let answer = cors("origins = ['*']\nprivate_network = true").preflight(&asked).unwrap();
        assert_eq!(get(&answer, "access-control-allow-private-network"), Some("true"));
        assert_eq!(get(&answer, "access-control-allow-origin"), Some("*"));
    }

    #[test]
    fn an_answer_names_its_origin_and_varies_by_it_unless_it_is_for_all() {
        let origin = HeaderValue::from_static("https://a.example");
        let named = cors("origins = ['https://a.example']\nexpose = ['X-Total']");
        let mut answer = headers(&[("access-control-allow-origin", "*"), ("vary", "accept")]);
        named.mark(&mut answer, Some(&origin));
        assert_eq!(get(&answer, "access-control-allow-origin"), Some("https://a.example"));
        assert_eq!(get(&answer, "access-control-expose-headers"), Some("x-total"));
        assert_eq!(answer.get_all("vary").iter().count(), 2);
        for origin in [None, Some(HeaderValue::from_static("https://b.example"))] {
            let mut answer = HeaderMap::new();
            named.mark(&mut answer, origin.as_ref());
            assert_eq!((get(&answer, "access-control-allow-origin"), get(&answer, "vary")), (None, Some("origin")));
        }
        let mut answer = HeaderMap::new();
        cors("origins = ['*']").mark(&mut answer, Some(&origin));
        assert_eq!((get(&answer, "access-control-allow-origin"), get(&answer, "vary")), (Some("*"), None));
    }

    #[test]
    fn any_origin_with_cookies_is_refused() {
        let open: Cors = toml::from_str("origins = ['*']\ncredentials = true").unwrap();
        assert!(open.check().is_err());
    }
}
