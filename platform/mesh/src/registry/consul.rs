//! The part of Consul's HTTP API by which others read a catalogue and enter themselves, and Prometheus' `http_sd`.
//!
//! Owns the form in which outsiders see the nodes, and theirs in which they say who they are. Never lets them change a node
//! of ours, beyond maintenance. Start reading at [`answer`]; [`write`](mod@write) is the other direction. An index belongs to a
//! service, so that a change elsewhere wakes no watcher (blocking queries of Consul's documentation); lists of all services
//! have the index of the whole catalogue.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::Full;
use serde_json::{Value, json};

use self::query::Query;
use super::Registry;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod kv;
mod query;
mod view;
mod write;

/// The only datacenter there is; the name that Consul gives its first.
const DATACENTER: &str = "dc1";
/// The header in which Consul's clients show their token.
const TOKEN: &str = "x-consul-token";
/// The metadata entry whose parts between commas are shown as tags.
const TAGS: &str = "tags";
/// The metadata entry with the id under which somebody registered a service.
const ID: &str = "consul-id";

/// What is asked for by the name that follows.
const OF_ONE: &[&str] = &["catalog/service", "catalog/node", "health/service", "health/checks", "health/state"];

/// Returns whether a path is of the API of Consul or Prometheus.
pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/v1/") || path == "/sd/prometheus"
}

/// Returns the token that a client shows in its own header, or as older ones do in the query.
pub(super) fn token<B>(request: &Request<B>) -> Option<Vec<u8>> {
    if let Some(token) = request.headers().get(TOKEN) {
        return Some(token.as_bytes().to_vec());
    }
    let pairs = request.uri().query().filter(|_| is_path(request.uri().path()))?.split('&');
    let token = pairs.filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == "token");
    token.and_then(|(_, value)| query::decoded(value)).map(String::into_bytes)
}

/// Answers a GET, after waiting for a change when the query says so; none when the path is not of this API.
pub(super) async fn answer(registry: &Registry, uri: &Uri) -> Option<Response<Full<Bytes>>> {
    if let Some(key) = kv::key(uri) {
        return Some(by_key(registry, &Method::GET, key, uri, &[]).await);
    }
    let path = uri.path();
    let query = match Query::parse(uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(refused) => return Some(text(StatusCode::BAD_REQUEST, refused)),
    };
    if path == "/sd/prometheus" {
        return Some(respond(None, &view::targets(&registry.members(), query.service.as_deref())));
    }
    let path = path.strip_prefix("/v1/")?;
    match path {
        "agent/self" => return Some(respond(None, &agent())),
        "agent/services" => return Some(respond(None, &view::agent_services(&view::seen(registry, None)))),
        "agent/checks" => return Some(respond(None, &view::agent_checks(&view::seen(registry, None)))),
        "status/leader" => return Some(respond(None, &json!("127.0.0.1:8300"))),
        "catalog/datacenters" => return Some(respond(None, &json!([DATACENTER]))),
        _ => {}
    }
    let (part, named) = match path.rsplit_once('/')? {
        (part, name) if OF_ONE.contains(&part) => (part, Some(name)),
        _ => (path, None),
    };
    let parts = [OF_ONE, &["catalog/services", "catalog/nodes"]].concat();
    if !parts.contains(&part) {
        return None;
    }
    if query.datacenter.as_deref().is_some_and(|name| name != DATACENTER) {
        return Some(text(StatusCode::INTERNAL_SERVER_ERROR, "No path to datacenter"));
    }
    let service = named.filter(|_| !matches!(part, "health/state" | "catalog/node"));
    let index = registry.wait_past(service, query.index, query.wait).await;
    Some(respond(Some(index), &list(registry, part, named.unwrap_or_default(), &query)))
}

/// Answers a PUT or a DELETE of the host `peer`; none when the path is not of this API.
pub(super) async fn change(
    registry: &Registry,
    method: &Method,
    uri: &Uri,
    (body, peer): (&[u8], IpAddr),
) -> Option<Response<Full<Bytes>>> {
    match kv::key(uri) {
        Some(key) => Some(by_key(registry, method, key, uri, body).await),
        None if *method == Method::PUT => write::put(registry, uri, body, peer).await,
        None => None,
    }
}

async fn by_key(
    registry: &Registry,
    method: &Method,
    key: Result<String, &'static str>,
    uri: &Uri,
    body: &[u8],
) -> Response<Full<Bytes>> {
    match key {
        Ok(key) => kv::answer(registry, method, (&key, uri), body).await,
        Err(refused) => text(StatusCode::BAD_REQUEST, refused),
    }
}

fn list(registry: &Registry, part: &str, named: &str, query: &Query) -> Value {
    match part {
        "catalog/services" => return view::services(&registry.members()),
        "catalog/nodes" => return view::machines(&registry.members()),
        "catalog/node" => return view::on_machine(&registry.members(), named),
        _ => {}
    }
    let seen = view::seen(registry, Some(named).filter(|_| part != "health/state"));
    let admitted = seen.iter().filter(|seen| query.admits(&view::tags(&seen.member.node)));
    match part {
        "health/state" => {
            let checks = seen.iter().flat_map(view::Seen::checks);
            checks.filter(|check| named == "any" || check.get("Status").is_some_and(|status| status == named)).collect()
        }
        "health/checks" => admitted.flat_map(view::Seen::checks).collect(),
        "catalog/service" => admitted.map(|seen| view::row(&seen.member)).collect(),
        _ => admitted.filter(|seen| !query.passing || seen.is_passing()).map(view::Seen::whole).collect(),
    }
}

fn agent() -> Value {
    json!({ "Config": { "Datacenter": DATACENTER, "NodeName": "fpms", "Server": true }, "Member": { "Name": "fpms" } })
}

fn respond(index: Option<u64>, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    mark(response, index)
}

fn mark(mut response: Response<Full<Bytes>>, index: Option<u64>) -> Response<Full<Bytes>> {
    let headers = response.headers_mut();
    // Clients of Consul fail on answers without these.
    headers.insert("x-consul-index", HeaderValue::from(index.unwrap_or(1)));
    headers.insert("x-consul-lastcontact", HeaderValue::from_static("0"));
    headers.insert("x-consul-knownleader", HeaderValue::from_static("true"));
    headers.insert("x-consul-effective-consistency", HeaderValue::from_static("leader"));
    response
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
