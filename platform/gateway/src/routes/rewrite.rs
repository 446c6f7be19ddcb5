//! What a route changes of a request and of its answer: host, path, headers, or a redirect instead of an answer.
//!
//! Pure. Never reads a body.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, uri::PathAndQuery};
use mesh::headers;
use serde::Deserialize;

use super::pattern::{Host, Name, PlainPath};

/// Headers that frame a message or belong to the gateway; a route may not touch them.
const KEPT: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// What is changed of where a request goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rewrite {
    /// The host that the backend is asked for.
    pub(crate) host: Option<Host>,
    /// The whole path.
    pub(crate) path: Option<PlainPath>,
    /// What stands in the place of the prefix that fitted.
    pub(crate) prefix: Option<PlainPath>,
}

/// Where a client is sent instead. What is not said stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Redirect {
    pub(crate) scheme: Option<Scheme>,
    pub(crate) host: Option<Host>,
    pub(crate) port: Option<u16>,
    pub(crate) path: Option<PlainPath>,
    pub(crate) prefix: Option<PlainPath>,
    /// 302 when not said.
    pub(crate) status: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// What is changed of headers: removed, then set, then added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Changes {
    remove: Vec<Changed>,
    set: BTreeMap<Changed, Value>,
    add: BTreeMap<Changed, Value>,
}

/// The name of a header that a route may change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Name")]
struct Changed(String);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Value(HeaderValue);

impl Rewrite {
    pub(super) fn check(&self) -> Result<(), String> {
        one_path(self.path.as_ref(), self.prefix.as_ref())?;
        plain_host(self.host.as_ref())
    }

    /// Changes where a request goes; `prefix` is what fitted.
    pub(crate) fn apply(&self, uri: &mut Uri, headers: &mut HeaderMap, prefix: &str) {
        if let Some(changed) = path(self.path.as_ref(), self.prefix.as_ref(), uri.path(), prefix)
            && let Some(rewritten) = with_query(&changed, uri.query())
        {
            *uri = rewritten;
        }
        if let Some(Host::Exact(host)) = &self.host
            && let Ok(value) = HeaderValue::from_str(host)
        {
            headers.insert(header::HOST, value);
        }
    }
}

impl Redirect {
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(status) = self.status.filter(|status| !REDIRECTS.contains(status)) {
            return Err(format!("redirects with {status}, which is none of 301, 302, 303, 307 and 308"));
        }
        if self.port == Some(0) {
            return Err("redirects to port 0".to_owned());
        }
        one_path(self.path.as_ref(), self.prefix.as_ref())?;
        plain_host(self.host.as_ref())
    }

    /// Returns the status.
    pub(crate) fn status(&self) -> u16 {
        self.status.unwrap_or(302)
    }

    /// Returns where a request for `uri` at `host` (with its port) is sent; `https` is how it came, `prefix` what fitted.
    pub(crate) fn location(&self, uri: &Uri, host: &str, https: bool, prefix: &str) -> Option<HeaderValue> {
        let came = if https { Scheme::Https } else { Scheme::Http };
        let scheme = self.scheme.unwrap_or(came);
        let (name, port) = split_port(host);
        let name = match &self.host {
            Some(Host::Exact(host)) => host,
            _ => name,
        };
        // Another scheme has another port: the one it is known by.
        let port = self.port.or_else(|| port.filter(|_| self.scheme.is_none()));
        let port = port.filter(|port| *port != scheme.port()).map(|port| format!(":{port}")).unwrap_or_default();
        let path = path(self.path.as_ref(), self.prefix.as_ref(), uri.path(), prefix);
        let path = path.as_deref().unwrap_or_else(|| uri.path());
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        HeaderValue::try_from(format!("{}://{name}{port}{path}{query}", scheme.text())).ok()
    }
}

impl Scheme {
    fn text(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Changes {
    /// Changes `headers`.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        for name in &self.remove {
            headers.remove(&name.0);
        }
        for (name, value) in &self.set {
            if let Ok(name) = HeaderName::try_from(&name.0) {
                headers.insert(name, value.0.clone());
            }
        }
        for (name, value) in &self.add {
            if let Ok(name) = HeaderName::try_from(&name.0) {
                headers.append(name, value.0.clone());
            }
        }
    }
}

impl TryFrom<Name> for Changed {
    type Error = String;

    fn try_from(Name(name): Name) -> Result<Self, String> {
        if KEPT.contains(&name.as_str()) || name.starts_with(headers::PREFIX) {
            return Err(format!("the header `{name}` is the gateway's own, no route changes it"));
        }
        Ok(Self(name))
    }
}

impl TryFrom<String> for Value {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        HeaderValue::from_str(&text).map(Self).map_err(|_| "a header's value is text on one line".to_owned())
    }
}

/// Returns a host's name and its port.
pub(crate) fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port.parse().ok()),
        _ => (host, None),
    }
}

fn one_path(path: Option<&PlainPath>, prefix: Option<&PlainPath>) -> Result<(), String> {
    let both = path.is_some() && prefix.is_some();
    if both { Err("replaces both the `path` and its `prefix`".to_owned()) } else { Ok(()) }
}

fn plain_host(host: Option<&Host>) -> Result<(), String> {
    let below = matches!(host, Some(Host::Below(_)));
    if below { Err("leads to a host with `*`".to_owned()) } else { Ok(()) }
}

/// Returns the changed path, or `None` when it stays as it is.
fn path(whole: Option<&PlainPath>, begin: Option<&PlainPath>, path: &str, prefix: &str) -> Option<String> {
    if let Some(PlainPath(whole)) = whole {
        return Some(whole.clone());
    }
    let PlainPath(begin) = begin?;
    let rest = path.strip_prefix(prefix.trim_end_matches('/')).unwrap_or_default();
    let joined = format!("{}{rest}", begin.trim_end_matches('/'));
    Some(if joined.is_empty() { "/".to_owned() } else { joined })
}

fn with_query(path: &str, query: Option<&str>) -> Option<Uri> {
    let text = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    PathAndQuery::try_from(text).ok().map(Uri::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(path: &str) -> PlainPath {
        PlainPath(path.to_owned())
    }

    #[test]
    fn a_prefix_is_replaced_on_the_borders_of_segments() {
        for (prefix, replacement, path, expected) in [
            ("/prefix/one", "/one", "/prefix/one/two", "/one/two"),
            ("/prefix/one", "/one", "/prefix/one", "/one"),
            ("/strip", "/", "/strip/three", "/three"),
            ("/strip", "/", "/strip", "/"),
            ("/strip", "/", "/strip/", "/"),
            ("/", "/below", "/a/b", "/below/a/b"),
            ("/", "/below", "/", "/below/"),
            ("/a", "/b/", "/a/c?d=e", "/b/c?d=e"),
        ] {
            let rewrite = Rewrite { prefix: Some(plain(replacement)), ..Rewrite::default() };
            let mut uri: Uri = path.parse().unwrap();
            rewrite.apply(&mut uri, &mut HeaderMap::new(), prefix);
            assert_eq!(uri, expected, "{prefix} -> {replacement}: {path}");
        }
    }

    #[test]
    fn a_redirect_keeps_what_it_does_not_name() {
        let redirect = Redirect::default;
        let host = Some(Host::Exact("example.org".to_owned()));
        for (given, at, https, expected) in [
            (Redirect { host: host.clone(), ..redirect() }, "a.example", false, "http://example.org/one?q=1"),
            (Redirect { host, ..redirect() }, "a.example:8080", false, "http://example.org:8080/one?q=1"),
            (Redirect { scheme: Some(Scheme::Https), ..redirect() }, "a:8080", false, "https://a/one?q=1"),
            (Redirect { scheme: Some(Scheme::Http), port: Some(80), ..redirect() }, "a", true, "http://a/one?q=1"),
            (Redirect { port: Some(8083), ..redirect() }, "a", false, "http://a:8083/one?q=1"),
            (Redirect { port: Some(443), ..redirect() }, "a", true, "https://a/one?q=1"),
            (Redirect { path: Some(plain("/full")), ..redirect() }, "a", false, "http://a/full?q=1"),
            (Redirect { prefix: Some(plain("/two")), ..redirect() }, "[::1]:81", false, "http://[::1]:81/two?q=1"),
        ] {
            let location = given.location(&"/one?q=1".parse().unwrap(), at, https, "/one").unwrap();
            assert_eq!(location, expected, "{given:?}");
        }
    }

    #[test]
    fn headers_are_removed_then_set_then_added() {
        let changes: Changes =
            toml::from_str("remove = ['X-Gone']\nset = { x-set = 'new' }\nadd = { X-Add = 'two' }").unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-gone", "1"), ("x-set", "old"), ("x-set", "older"), ("x-add", "one")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        changes.apply(&mut headers);
        let all = |name: &str| headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!((all("x-gone"), all("x-set"), all("x-add")), (vec![], vec!["new"], vec!["one", "two"]));
    }
}
