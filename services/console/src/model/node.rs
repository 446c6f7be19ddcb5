//! Nodes as the console shows them.

use mesh::Discovery;

/// One service on one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeCard {
    pub service: String,
    /// The process.
    pub node: String,
    pub address: String,
    /// Requests under way from this process.
    pub in_flight: u32,
    /// Path prefixes that the gateway brings there.
    pub prefixes: usize,
    pub version: String,
}

impl NodeCard {
    /// Returns the healthy nodes in this process's view. A node whose lease has ended is not among them.
    pub fn all(discovery: &Discovery) -> Vec<Self> {
        let view = discovery.view();
        let endpoints = view.services().flat_map(|service| &service.endpoints);
        endpoints
            .map(|endpoint| Self {
                service: endpoint.node.service.clone(),
                node: endpoint.node.id.to_string(),
                address: endpoint.node.address.to_string(),
                in_flight: endpoint.load().in_flight(),
                prefixes: endpoint.node.routes.len(),
                version: endpoint.node.metadata.get("version").cloned().unwrap_or_default(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use mesh::{Node, NodeId, Route};

    use super::*;

    #[test]
    fn every_node_of_every_service_has_a_card() {
        let node = |id, service| Node::new(NodeId::from_u128(id), service, "127.0.0.1:80".parse().unwrap());
        let discovery = Discovery::fixed([node(1, "shop").routes([Route::new("/")]), node(2, "shop"), node(1, "desk")]);
        let cards = NodeCard::all(&discovery);
        let services: Vec<_> = cards.iter().map(|card| (card.service.as_str(), card.prefixes)).collect();
        assert_eq!(services, [("desk", 0), ("shop", 1), ("shop", 0)]);
    }
}
