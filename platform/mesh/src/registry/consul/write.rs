//! What others enter through Consul's API: services with checks, what their checks say, and maintenance.
//!
//! Owns the forms of the requests as Consul's Go client sends them. Refuses what is not offered here rather than passing over
//! it: a check that nobody makes would look like one that passes.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use http_body_util::Full;
use serde::Deserialize;
use serde_json::Value;

use super::{ID, TAGS, query::Query, text, view};
use crate::{
    Error, Node, NodeId,
    node::Tenure,
    registry::{
        Authority, Registry,
        checks::Health,
        standing::{Mode, Order},
    },
};

mod check;

/// Most characters of a service's id.
const ID_CHARS_MAX: usize = 128;

/// A service as Consul's clients register it, its names in lower case.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Registration {
    id: String,
    name: String,
    kind: Option<String>,
    #[serde(deserialize_with = "or_none")]
    tags: Vec<String>,
    address: String,
    port: u16,
    #[serde(deserialize_with = "or_none")]
    meta: std::collections::BTreeMap<String, String>,
    weights: Option<Weights>,
    check: Option<check::Registration>,
    #[serde(deserialize_with = "or_none")]
    checks: Vec<check::Registration>,
}

#[derive(Debug, Deserialize)]
struct Weights {
    passing: u32,
}

/// What `check/update` says.
#[derive(Debug, Deserialize)]
struct Update {
    status: String,
    #[serde(default)]
    output: String,
}

/// Why a request is refused, in the words that the client shows.
type Refused = (StatusCode, String);

/// Answers a PUT of the host `peer`; none when the path is not of this API.
pub(super) async fn put(registry: &Registry, uri: &Uri, body: &[u8], peer: IpAddr) -> Option<Response<Full<Bytes>>> {
    let path = uri.path().strip_prefix("/v1/agent/")?;
    let outcome = async {
        let query = Query::parse(uri.query().unwrap_or_default()).map_err(bad)?;
        let (verb, id) = path.rsplit_once('/').unwrap_or((path, ""));
        let id = super::query::decoded(id).ok_or_else(|| bad("the id is not UTF-8, percent-encoded"))?;
        match (verb, id.as_str()) {
            ("service", "register") => register(registry, body, peer).await.map(Some),
            ("service/deregister", id) => deregister(registry, id).await.map(Some),
            ("service/maintenance", id) => maintain(registry, id, &query).await.map(Some),
            ("check/pass", id) => say(registry, id, Health::Passing, &query.note).await.map(Some),
            ("check/warn", id) => say(registry, id, Health::Warning, &query.note).await.map(Some),
            ("check/fail", id) => say(registry, id, Health::Critical, &query.note).await.map(Some),
            ("check/update", id) => {
                let Update { status, output } = read(body)?;
                let health = Health::of(&status).ok_or_else(|| bad(format!("Invalid check status: '{status}'")))?;
                say(registry, id, health, &output).await.map(Some)
            }
            _ => Ok(None),
        }
    };
    match outcome.await {
        Ok(None) => None,
        Ok(Some(())) => Some(text(StatusCode::OK, "")),
        Err((status, reason)) => Some(text(status, reason)),
    }
}

async fn register(registry: &Registry, body: &[u8], peer: IpAddr) -> Result<(), Refused> {
    let registration: Registration = read(body)?;
    let node = registration.node(peer).map_err(bad)?;
    // An id is one of a kind: under another service's name it moves there.
    let before = find(registry, |known| known.metadata.get(ID) == node.metadata.get(ID));
    if let Some(before) = before.filter(|before| before.service != node.service) {
        registry.deregister(&before.key()).await.map_err(refused)?;
    }
    registry.register(&node).await.map_err(refused)?;
    Ok(())
}

async fn deregister(registry: &Registry, id: &str) -> Result<(), Refused> {
    let node = find(registry, |node| view::id(node) == id).ok_or_else(|| unknown("service", id))?;
    if node.tenure.is_lease() {
        return Err((StatusCode::FORBIDDEN, format!("`{id}` is a node of the installation, which leaves by itself")));
    }
    registry.deregister(&node.key()).await.map_err(refused)
}

async fn maintain(registry: &Registry, id: &str, query: &Query) -> Result<(), Refused> {
    let enable = query.enable.ok_or_else(|| bad("Missing value for enable"))?;
    let known = registry.members().into_iter().find(|member| view::id(&member.node) == id);
    let member = known.ok_or_else(|| unknown("service", id))?;
    let mode = if enable { Mode::Maintenance } else { Mode::Serving };
    let reason = if enable { query.reason.clone() } else { String::new() };
    let order = Order { mode, reason, ..member.standing.order.clone() };
    registry.order(&member.node.key(), &order).await.map_err(refused)
}

async fn say(registry: &Registry, check: &str, health: Health, output: &str) -> Result<(), Refused> {
    let is_theirs = |node: &Node| node.metadata.contains_key(ID) && node.checks.iter().any(|known| known.name == check);
    let node = find(registry, is_theirs).ok_or_else(|| unknown("check", check))?;
    registry.say(&node.key(), check, health, output).await.map_err(refused)
}

fn find(registry: &Registry, which: impl Fn(&Node) -> bool) -> Option<std::sync::Arc<Node>> {
    registry.nodes().into_iter().find(|node| which(node))
}

impl Registration {
    fn node(self, peer: IpAddr) -> Result<Node, String> {
        if self.kind.as_deref().is_some_and(|kind| !kind.is_empty() && kind != "typical") {
            return Err("only services of the typical kind are offered here".to_owned());
        }
        let id = if self.id.is_empty() { self.name.clone() } else { self.id };
        if id.is_empty() {
            return Err("Missing service name".to_owned());
        }
        if id.chars().count() > ID_CHARS_MAX {
            return Err(format!("an id has at most {ID_CHARS_MAX} characters"));
        }
        if self.tags.iter().any(|tag| tag.contains(',')) {
            return Err("a tag with a comma is not offered here".to_owned());
        }
        let host = match self.address.as_str() {
            "" => peer.to_canonical(),
            address => address.parse().map_err(|_| format!("`{address}` is not an IP address"))?,
        };
        let mut metadata = self.meta;
        metadata.insert(ID.to_owned(), id.clone());
        metadata.insert(TAGS.to_owned(), self.tags.join(","));
        if let Some(weights) = self.weights {
            metadata.insert("weight".to_owned(), weights.passing.to_string());
        }
        let (checks, critical_ms_max) = check::all(&id, self.check.into_iter().chain(self.checks).collect())?;
        let node = Node::new(node_id(&id), self.name, SocketAddr::new(host, self.port)).checks(checks);
        Ok(Node { metadata, tenure: Tenure::Standing { critical_ms_max }, ..node })
    }
}

/// Returns the id that follows from one of theirs, so that registering twice is registering once.
fn node_id(id: &str) -> NodeId {
    let digest = crypto::digest::sha256(format!("consul service {id}"));
    let bytes = digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte));
    NodeId::from_u128(bytes)
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let read = serde_json::from_slice(body).and_then(|value| serde_json::from_value(named(value)));
    read.map_err(|error| bad(format!("Request decode failed: {error}")))
}

/// Returns the same with every name in lower case: Consul takes names in any case, and clients rely on it. What is under
/// `Meta` and `Header` are the clients' own names.
fn named(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(named).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let name = name.to_ascii_lowercase();
                let value = if matches!(name.as_str(), "meta" | "header") { value } else { named(value) };
                (name, value)
            });
            Value::Object(members.collect())
        }
        other => other,
    }
}

/// Go writes an empty list or map as `null`.
fn or_none<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn bad(reason: impl Into<String>) -> Refused {
    (StatusCode::BAD_REQUEST, reason.into())
}

fn unknown(what: &str, id: &str) -> Refused {
    (StatusCode::NOT_FOUND, format!("Unknown {what} ID {id:?}"))
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn refused(error: Error) -> Refused {
    let status = base::Fault::code(&error).status;
    // Consul has no 422: what it cannot take is a bad request.
    let status = if status == 422 { 400 } else { status };
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), runtime::chain(&error))
}
