//! The nodes in the forms that Consul's clients and Prometheus read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, Value, json};

use super::{DATACENTER, ID, TAGS};
use crate::{
    Node,
    node::PROBES,
    registry::{
        Registry,
        checks::{Health, Probe},
        standing::{Admission, Member, Mode},
    },
};

/// A node and what its checks say.
pub(super) struct Seen {
    pub(super) member: Arc<Member>,
    /// Id, name, kind, health and output of each.
    checks: Vec<(String, String, &'static str, Health, String)>,
}

/// Returns the nodes of `service`, or all, with what their checks say.
pub(super) fn seen(registry: &Registry, service: Option<&str>) -> Vec<Seen> {
    let catalogue = registry.catalogue.lock();
    let nodes = catalogue.cared(service).map(|(member, care)| {
        let node = &member.node;
        let checks = care.tallies().map(|(check, tally)| {
            let kind = match check.probe {
                Probe::Http { .. } => "http",
                Probe::Tcp { .. } => "tcp",
                Probe::Ttl => "ttl",
            };
            (check_id(node, &check.name), check.name.clone(), kind, tally.health(), tally.output().to_owned())
        });
        Seen { member: Arc::clone(member), checks: checks.collect() }
    });
    nodes.collect()
}

impl Seen {
    /// Returns every check; what the mesh and the operator decided is shown as one, since Consul knows no other form.
    pub(super) fn checks(&self) -> impl Iterator<Item = Value> {
        let (node, standing) = (&self.member.node, &self.member.standing);
        let id = id(node);
        let mut all: Vec<_> = self.checks.clone();
        let mut add = |name: &str, health, output: &str| {
            all.push((format!("{name}:{id}"), name.to_owned(), "mesh", health, output.to_owned()));
        };
        if node.tenure.is_lease() {
            // A node whose lease ran out is not in the catalogue.
            add("lease", Health::Passing, "");
        }
        if standing.order.mode != Mode::Serving {
            add("_service_maintenance", Health::Critical, &standing.order.reason);
        }
        if standing.convicted {
            add("callers", Health::Critical, "several of those who call it say that it fails");
        }
        if standing.damped {
            add("damping", Health::Critical, "it came and went too often and is left out for a while");
        }
        let (id, tags, service, machine) = (id.clone(), tags(node), node.service.clone(), node.id);
        all.into_iter().map(move |(check, name, kind, health, output)| {
            json!({
                "CheckID": check, "Name": name, "Status": health.name(), "Notes": "", "Output": output, "Type": kind,
                "ServiceID": id, "ServiceName": service, "ServiceTags": tags, "Node": machine,
            })
        })
    }

    /// Returns whether every check passes.
    pub(super) fn is_passing(&self) -> bool {
        self.member.standing.health == Health::Passing && self.member.standing.admission() == Admission::Taken
    }

    /// Returns the entry of `health/service`.
    pub(super) fn whole(&self) -> Value {
        let checks: Vec<_> = self.checks().collect();
        json!({ "Node": machine(&self.member.node), "Service": instance(&self.member), "Checks": checks })
    }
}

pub(super) fn services(members: &[Arc<Member>]) -> Value {
    let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for member in members {
        services.entry(&member.node.service).or_default().extend(tags(&member.node));
    }
    for tags in services.values_mut() {
        tags.sort_unstable();
        tags.dedup();
    }
    json!(services)
}

/// Returns every process once, whatever it serves.
pub(super) fn machines(members: &[Arc<Member>]) -> Value {
    let all: BTreeMap<_, _> = members.iter().map(|member| (member.node.id, machine(&member.node))).collect();
    all.into_values().collect()
}

/// Returns the process of this name and what it serves; Consul says `null` of one that it does not know.
pub(super) fn on_machine(members: &[Arc<Member>], name: &str) -> Value {
    let there: Vec<_> = members.iter().filter(|member| member.node.id.to_string() == name).collect();
    let services: Map<_, _> = there.iter().map(|member| (id(&member.node), instance(member))).collect();
    there.first().map_or(Value::Null, |member| json!({ "Node": machine(&member.node), "Services": services }))
}

fn machine(node: &Node) -> Value {
    let address = node.address.ip().to_string();
    json!({
        "ID": node.id, "Node": node.id, "Address": address, "Datacenter": DATACENTER,
        "TaggedAddresses": { "lan": address, "wan": address }, "Meta": {},
    })
}

fn instance(member: &Member) -> Value {
    let node = &member.node;
    json!({
        "ID": id(node), "Service": node.service, "Tags": tags(node), "Address": node.address.ip().to_string(),
        "Port": node.address.port(), "Meta": metadata(node), "Namespace": "default", "Partition": "default",
        "Weights": weights(member), "TaggedAddresses": {}, "EnableTagOverride": false, "Datacenter": DATACENTER,
    })
}

pub(super) fn row(member: &Member) -> Value {
    let node = &member.node;
    let address = node.address.ip().to_string();
    json!({
        "ID": node.id, "Node": node.id, "Address": address, "Datacenter": DATACENTER, "TaggedAddresses": {},
        "NodeMeta": {}, "ServiceID": id(node), "ServiceName": node.service, "ServiceAddress": address,
        "ServicePort": node.address.port(), "ServiceTags": tags(node), "ServiceMeta": metadata(node),
        "ServiceWeights": weights(member), "ServiceTaggedAddresses": {},
    })
}

pub(super) fn agent_services(seen: &[Seen]) -> Value {
    let entries = seen.iter().map(|seen| (id(&seen.member.node), instance(&seen.member)));
    Value::Object(entries.collect::<Map<_, _>>())
}

pub(super) fn agent_checks(seen: &[Seen]) -> Value {
    let checks = seen.iter().flat_map(Seen::checks);
    let id = |check: &Value| check.get("CheckID").and_then(Value::as_str).unwrap_or_default().to_owned();
    let entries = checks.map(|check| (id(&check), check));
    Value::Object(entries.collect::<Map<_, _>>())
}

/// Returns the groups that Prometheus polls: one for each place, labelled with all services of the process that answers
/// there. What fails or is worked on is measured as well.
pub(super) fn targets(members: &[Arc<Member>], service: Option<&str>) -> Value {
    let mut places: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for node in members.iter().map(|member| &member.node) {
        if let Some(place) = measured_at(node) {
            places.entry(place).or_default().insert(&node.service);
        }
    }
    let wanted = |services: &BTreeSet<&str>| service.is_none_or(|name| services.contains(name));
    let groups = places.into_iter().filter(|(_, services)| wanted(services));
    let label = |services: BTreeSet<&str>| services.into_iter().collect::<Vec<_>>().join(",");
    groups.map(|(place, services)| json!({ "targets": [place], "labels": { "service": label(services) } })).collect()
}

/// Returns where a node's numbers are: ours are beside its service, those of others at the service itself.
fn measured_at(node: &Node) -> Option<String> {
    let other = || (!node.tenure.is_lease()).then(|| node.address.to_string());
    node.metadata.get(PROBES).cloned().or_else(other)
}

/// Returns the id of a service's instance: the one it was registered under, or made of service and process.
pub(super) fn id(node: &Node) -> String {
    node.metadata.get(ID).cloned().unwrap_or_else(|| format!("{}-{}", node.service, node.id))
}

pub(super) fn tags(node: &Node) -> Vec<String> {
    let tags = node.metadata.get(TAGS).map_or("", String::as_str).split(',').map(str::trim);
    tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// Whoever registered a check named it for the whole catalogue; ours are named for their node.
fn check_id(node: &Node, name: &str) -> String {
    if node.metadata.contains_key(ID) { name.to_owned() } else { format!("{name}:{}", id(node)) }
}

fn metadata(node: &Node) -> BTreeMap<&String, &String> {
    node.metadata.iter().filter(|(key, _)| !matches!(key.as_str(), ID | TAGS)).collect()
}

fn weights(member: &Member) -> Value {
    json!({ "Passing": member.weight(), "Warning": member.weight() })
}
