//! The part of Consul's HTTP API by which others read a catalogue and enter themselves, and Prometheus' `http_sd`.
//!
//! Owns the form in which outsiders see the nodes, and theirs in which they say who they are. Never lets them change a node
//! of ours, beyond maintenance. Start reading at [`answer`]; [`write`](mod@write) is the other direction. An index belongs to a
//! service, so that a change elsewhere wakes no watcher (blocking queries of Consul's documentation); lists of all services
//! have the index of the whole catalogue.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri, header};
use http_body_util::Full;
use serde_json::{Value, json};

use self::query::Query;
pub(super) use self::write::put;
use super::Registry;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod query;
mod view;
mod write;

/// The only datacenter there is; the name that Consul gives its first.
const DATACENTER: &str = "dc1";
/// The header in which Consul's clients show their token.
pub(super) const TOKEN: &str = "x-consul-token";
/// The metadata entry whose parts between commas are shown as tags.
const TAGS: &str = "tags";
/// The metadata entry with the id under which somebody registered a service.
const ID: &str = "consul-id";

/// Returns whether a path is of the API of Consul or Prometheus.
pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/v1/") || path == "/sd/prometheus"
}

/// Answers a GET, after waiting for a change when the query says so; none when the path is not of this API.
pub(super) async fn answer(registry: &Registry, uri: &Uri) -> Option<Response<Full<Bytes>>> {
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
        (part @ ("catalog/service" | "health/service" | "health/checks" | "health/state"), name) => (part, Some(name)),
        _ => (path, None),
    };
    let parts =
        ["catalog/service", "health/service", "health/checks", "health/state", "catalog/services", "catalog/nodes"];
    if !parts.contains(&part) {
        return None;
    }
    if query.datacenter.as_deref().is_some_and(|name| name != DATACENTER) {
        return Some(text(StatusCode::INTERNAL_SERVER_ERROR, "No path to datacenter"));
    }
    let service = named.filter(|_| part != "health/state");
    let index = registry.wait_past(service, query.index, query.wait).await;
    Some(respond(Some(index), &list(registry, part, named.unwrap_or_default(), &query)))
}

fn list(registry: &Registry, part: &str, named: &str, query: &Query) -> Value {
    match part {
        "catalog/services" => return view::services(&registry.members()),
        "catalog/nodes" => return registry.members().iter().map(|member| view::machine(&member.node)).collect(),
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
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Clients of Consul fail on answers without these.
    headers.insert("x-consul-index", HeaderValue::from(index.unwrap_or(1)));
    headers.insert("x-consul-lastcontact", HeaderValue::from_static("0"));
    headers.insert("x-consul-knownleader", HeaderValue::from_static("true"));
    headers.insert("x-consul-effective-consistency", HeaderValue::from_static("leader"));
    response
}

fn text(status: StatusCode, text: impl Into<String>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text.into())));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
