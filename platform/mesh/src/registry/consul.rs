//! The part of Consul's HTTP API by which others read a catalogue, and Prometheus' `http_sd`: both only read.
//!
//! Owns the form in which outsiders see the nodes. Never changes the catalogue; nodes join by our own API.
//! Start reading at [`answer`]. An index belongs to a service, so that a change elsewhere wakes no watcher (blocking
//! queries of Consul's documentation); lists of all services have the index of the whole catalogue.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri, header};
use http_body_util::Full;
use serde_json::{Value, json};

use self::query::Query;
use super::Registry;
use crate::Node;

mod query;

/// The only datacenter there is; the name that Consul gives its first.
const DATACENTER: &str = "dc1";
/// The header in which Consul's clients show their token.
pub(super) const TOKEN: &str = "x-consul-token";
/// The metadata entry whose parts between commas are shown as tags.
const TAGS: &str = "tags";

/// Answers a GET, after waiting for a change when the query says so; none when the path is not of this API.
pub(super) async fn answer(registry: &Registry, uri: &Uri) -> Option<Response<Full<Bytes>>> {
    let path = uri.path();
    let query = match Query::parse(uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(refused) => return Some(text(StatusCode::BAD_REQUEST, refused)),
    };
    if path == "/sd/prometheus" {
        return Some(respond(None, &targets(&registry.nodes(), query.service.as_deref())));
    }
    let path = path.strip_prefix("/v1/")?;
    match path {
        "agent/self" => return Some(respond(None, &agent())),
        "status/leader" => return Some(respond(None, &json!("127.0.0.1:8300"))),
        "catalog/datacenters" => return Some(respond(None, &json!([DATACENTER]))),
        _ => {}
    }
    let (part, service) = match path.rsplit_once('/')? {
        (part @ ("catalog/service" | "health/service"), name) => (part, Some(name)),
        _ => (path, None),
    };
    if !matches!(part, "catalog/service" | "health/service" | "catalog/services" | "catalog/nodes" | "health/state/any")
    {
        return None;
    }
    if query.datacenter.as_deref().is_some_and(|name| name != DATACENTER) {
        return Some(text(StatusCode::INTERNAL_SERVER_ERROR, "No path to datacenter"));
    }
    let index = registry.wait_past(service, query.index, query.wait).await;
    let nodes = registry.nodes();
    let of_service = nodes.iter().filter(|node| service == Some(&*node.service) && query.admits(&tags(node)));
    let body = match part {
        "catalog/services" => services(&nodes),
        "catalog/nodes" => nodes.iter().map(|node| machine(node)).collect(),
        "health/state/any" => nodes.iter().map(|node| check(node)).collect(),
        "catalog/service" => of_service.map(|node| row(node)).collect(),
        _ => of_service
            .map(|node| json!({ "Node": machine(node), "Service": instance(node), "Checks": [check(node)] }))
            .collect(),
    };
    Some(respond(Some(index), &body))
}

fn agent() -> Value {
    json!({ "Config": { "Datacenter": DATACENTER, "NodeName": "fpms", "Server": true }, "Member": { "Name": "fpms" } })
}

fn services(nodes: &[Arc<Node>]) -> Value {
    let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for node in nodes {
        services.entry(&node.service).or_default().extend(tags(node));
    }
    for tags in services.values_mut() {
        tags.sort_unstable();
        tags.dedup();
    }
    json!(services)
}

fn machine(node: &Node) -> Value {
    let address = node.address.ip().to_string();
    json!({
        "ID": node.id, "Node": node.id, "Address": address, "Datacenter": DATACENTER,
        "TaggedAddresses": { "lan": address, "wan": address }, "Meta": {},
    })
}

fn instance(node: &Node) -> Value {
    json!({
        "ID": name(node), "Service": node.service, "Tags": tags(node), "Address": node.address.ip().to_string(),
        "Port": node.address.port(), "Meta": node.metadata, "Namespace": "default", "Partition": "default",
        "Weights": { "Passing": 1, "Warning": 1 }, "TaggedAddresses": {},
    })
}

/// A node whose lease holds is well: one whose lease ran out is not in the catalogue.
fn check(node: &Node) -> Value {
    json!({
        "CheckID": format!("lease:{}", name(node)), "Name": "lease", "Status": "passing", "Notes": "", "Output": "",
        "ServiceID": name(node), "ServiceName": node.service, "ServiceTags": tags(node), "Node": node.id,
    })
}

fn row(node: &Node) -> Value {
    let address = node.address.ip().to_string();
    json!({
        "ID": node.id, "Node": node.id, "Address": address, "Datacenter": DATACENTER, "TaggedAddresses": {},
        "NodeMeta": {}, "ServiceID": name(node), "ServiceName": node.service, "ServiceAddress": address,
        "ServicePort": node.address.port(), "ServiceTags": tags(node), "ServiceMeta": node.metadata,
        "ServiceWeights": { "Passing": 1, "Warning": 1 }, "ServiceTaggedAddresses": {},
    })
}

/// Returns the groups that Prometheus polls: one for each service.
fn targets(nodes: &[Arc<Node>], service: Option<&str>) -> Value {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for node in nodes.iter().filter(|node| service.is_none_or(|name| name == node.service)) {
        groups.entry(&node.service).or_default().push(node.address.to_string());
    }
    let group = |(service, targets)| json!({ "targets": targets, "labels": { "service": service } });
    groups.into_iter().map(group).collect()
}

fn name(node: &Node) -> String {
    format!("{}-{}", node.service, node.id)
}

fn tags(node: &Node) -> Vec<String> {
    let tags = node.metadata.get(TAGS).map_or("", String::as_str).split(',').map(str::trim);
    tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
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

fn text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
