//! Two nodes that both serve everything, and what stands before them: it sends no request to a node that is about to stop.

use tokio::sync::{Mutex, RwLock, RwLockReadGuard};

use crate::role_split::nodes::{Node, Place};

/// The roles of each node. The first has the registry, in which both find each other.
const ROLES: [&str; 2] = [
    "registry,identity,projects,files,notifications,console,gateway",
    "identity,projects,files,notifications,console,gateway",
];

/// The nodes.
pub(super) struct Fleet<'a> {
    place: &'a Place,
    nodes: [Mutex<Option<Node>>; 2],
    /// Where the gateway of each node is; held by who asks it, and held alone by who restarts the node.
    gateways: [RwLock<String>; 2],
}

impl<'a> Fleet<'a> {
    pub(super) async fn start(place: &'a Place) -> Self {
        let mut fleet = Self { place, nodes: Default::default(), gateways: Default::default() };
        for (at, roles) in ROLES.into_iter().enumerate() {
            let (node, url) = started(place, roles).await;
            *fleet.nodes[at].get_mut() = Some(node);
            *fleet.gateways[at].get_mut() = url;
        }
        fleet
    }

    /// Returns where a gateway is that takes requests.
    pub(super) async fn url(&self) -> String {
        self.gateways[0].read().await.clone()
    }

    /// Returns a gateway that takes requests, this one if it does. It does so until the guard is dropped.
    pub(super) async fn gateway(&self, at: usize) -> RwLockReadGuard<'_, String> {
        match self.gateways[at % 2].try_read() {
            Ok(url) => url,
            Err(_) => self.gateways[(at + 1) % 2].read().await,
        }
    }

    /// Starts a node again, after the requests that its gateway has under way.
    pub(super) async fn restart(&self, at: usize) {
        let mut url = self.gateways[at].write().await;
        let mut held = self.nodes[at].lock().await;
        held.take().unwrap().stop().await;
        let (node, new) = started(self.place, ROLES[at]).await;
        (*held, *url) = (Some(node), new);
    }

    pub(super) async fn stop(self) {
        for node in self.nodes {
            node.into_inner().unwrap().stop().await;
        }
    }
}

async fn started(place: &Place, roles: &str) -> (Node, String) {
    let mut node = Node::start(place, roles);
    node.serves().await;
    let url = node.gateway().await;
    (node, url)
}
