//! What an operator asks a running gateway: why a request goes where it goes, and to forget answers it keeps.
//!
//! Owns these calls beside the probes on the admin listener. Never answers them without the installation's key, and
//! never changes a route: that is the route file's affair. Start reading at `Admin::answer`.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::{explain, problem, worker::Shared};

/// In which whoever asks shows the installation's key.
pub const KEY_HEADER: HeaderName = HeaderName::from_static("fpms-admin-key");

/// The calls of an operator.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) shared: Weak<Shared>,
    pub(crate) key: Option<Arc<str>>,
}

/// How many answers were forgotten.
#[derive(Serialize)]
struct Forgotten {
    forgotten: usize,
}

impl Admin {
    /// Answers a call; `None` for what is none, and without the key.
    pub(crate) fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response<Full<Bytes>>> {
        let key = self.key.as_ref()?;
        let shown = headers.get(&KEY_HEADER)?;
        if !crypto::digest::equal(shown.as_bytes(), key.as_bytes()) {
            return None;
        }
        let shared = self.shared.upgrade()?;
        let asked = Parameters::of(uri);
        match (method.as_str(), uri.path()) {
            ("GET", "/explain") => Some(explain(&shared, &asked)),
            ("POST", "/cache/forget") => Some(forget(&shared, &asked)),
            _ => None,
        }
    }
}

/// The parameters of a query, decoded.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(uri: &Uri) -> Self {
        let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (decode(name), decode(value))).collect())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn explain(shared: &Shared, asked: &Parameters) -> Response<Full<Bytes>> {
    let Some(request) = imagined(asked) else {
        return wrong("a method, a host and a path that begins with `/` are needed, and headers as `name: value`");
    };
    json(&explain::explain(shared, &request))
}

/// Reads the request that is to be explained.
fn imagined(asked: &Parameters) -> Option<explain::Imagined> {
    let mut headers = HeaderMap::new();
    for line in asked.all("header") {
        let (name, value) = line.split_once(':')?;
        headers.append(HeaderName::try_from(name.trim()).ok()?, HeaderValue::try_from(value.trim()).ok()?);
    }
    let uri: Uri = asked.get("path").filter(|path| path.starts_with('/'))?.parse().ok()?;
    let address = match asked.get("address") {
        Some(address) => address.parse().ok()?,
        None => std::net::Ipv4Addr::LOCALHOST.into(),
    };
    let id = |name| asked.get(name).map_or(Some(None), |text: &str| text.parse().ok().map(Some));
    Some(explain::Imagined {
        method: Method::from_bytes(asked.get("method")?.as_bytes()).ok()?,
        host: asked.get("host")?.to_ascii_lowercase(),
        uri,
        headers,
        address,
        person: id("person")?,
        tenant: id("tenant")?,
    })
}

fn forget(shared: &Shared, asked: &Parameters) -> Response<Full<Bytes>> {
    match (asked.get("path"), asked.get("tag")) {
        (Some(path), None) if path.starts_with('/') => json(&Forgotten { forgotten: shared.cache.forget_path(path) }),
        (None, Some(tag)) if !tag.is_empty() => json(&Forgotten { forgotten: shared.cache.forget_tag(tag) }),
        _ => wrong("one of `path`, which begins with `/`, and `tag` is needed"),
    }
}

fn json(value: &impl Serialize) -> Response<Full<Bytes>> {
    answer(StatusCode::OK, "application/json", serde_json::to_string(value).unwrap_or_default())
}

fn wrong(detail: &str) -> Response<Full<Bytes>> {
    let (kind, text) = problem::wrong_call(detail);
    answer(StatusCode::BAD_REQUEST, kind, text)
}

fn answer(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
