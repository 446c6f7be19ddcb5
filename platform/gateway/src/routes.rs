//! Which service a path belongs to: the longest prefix, on the borders of segments.
//!
//! Owns the table made from each service's own list of routes. Never looks anything up while a request waits.

use std::{collections::BTreeMap, sync::Arc};

use mesh::discovery::{Service, View};
use tracing::warn;

use crate::metrics::ServiceHandles;

/// The routes of one moment.
#[derive(Default)]
pub(crate) struct Table {
    root: Branch,
}

#[derive(Default)]
struct Branch {
    target: Option<Arc<Target>>,
    children: BTreeMap<Box<str>, Branch>,
}

/// Where requests under one prefix go.
pub(crate) struct Target {
    /// The service and its nodes.
    pub(crate) service: Arc<Service>,
    /// The prefix.
    pub(crate) prefix: Box<str>,
    /// Largest request body, in bytes.
    pub(crate) body_bytes_max: u64,
    /// The service's numbers.
    pub(crate) metrics: ServiceHandles,
}

impl Table {
    /// Returns the table of everything in `view`; `body_bytes_max` holds where a route says nothing.
    pub(crate) fn of(view: &View, body_bytes_max: u64) -> Self {
        let mut table = Self::default();
        for service in view.services() {
            let metrics = ServiceHandles::of(&service.name);
            for route in &service.routes {
                let target = Target {
                    service: Arc::clone(service),
                    prefix: route.prefix.as_str().into(),
                    body_bytes_max: route.body_bytes_max.unwrap_or(body_bytes_max),
                    metrics: metrics.clone(),
                };
                table.insert(Arc::new(target));
            }
        }
        table
    }

    /// Returns whether no service has a route.
    pub(crate) fn is_empty(&self) -> bool {
        self.root.target.is_none() && self.root.children.is_empty()
    }

    /// Returns the target of a normalised path.
    pub(crate) fn find(&self, path: &str) -> Option<&Arc<Target>> {
        let mut branch = &self.root;
        let mut best = branch.target.as_ref();
        for segment in path.strip_prefix('/')?.split('/') {
            let Some(child) = branch.children.get(segment) else {
                break;
            };
            branch = child;
            best = branch.target.as_ref().or(best);
        }
        best
    }

    fn insert(&mut self, target: Arc<Target>) {
        let mut branch = &mut self.root;
        for segment in target.prefix.split('/').filter(|segment| !segment.is_empty()) {
            branch = branch.children.entry(segment.into()).or_default();
        }
        match &branch.target {
            None => branch.target = Some(target),
            Some(first) => {
                let (kept, ignored) = (&*first.service.name, &*target.service.name);
                warn!(route.prefix = %target.prefix, service.kept = kept, service.ignored = ignored, "two services claim one route");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mesh::{Discovery, Node, NodeId, Route};

    use super::*;

    fn found(path: &str) -> Option<String> {
        let node = |id: u128, service: &str, prefixes: &[&str]| {
            let address = ([127, 0, 0, 1], 80 + u16::try_from(id).unwrap()).into();
            Node::new(NodeId::from_u128(id), service, address).routes(prefixes.iter().map(|prefix| Route::new(*prefix)))
        };
        let nodes = [
            node(1, "shop", &["/", "/api/v1/orders"]),
            node(2, "files", &["/files", "/api/v1"]),
            node(3, "late", &["/files"]),
        ];
        let discovery = Discovery::fixed(nodes);
        let table = Table::of(&discovery.view(), 10);
        table.find(path).map(|target| format!("{} {}", target.service.name, target.prefix))
    }

    #[test]
    fn the_longest_prefix_on_segment_borders_wins() {
        for (path, expected) in [
            ("/", "shop /"),
            ("/filesystem", "shop /"),
            ("/files", "files /files"),
            ("/files/", "files /files"),
            ("/files/a/b", "files /files"),
            ("/api", "shop /"),
            ("/api/v1", "files /api/v1"),
            ("/api/v1/orders/7", "shop /api/v1/orders"),
            ("/api/v1/ordersx", "files /api/v1"),
        ] {
            assert_eq!(found(path).as_deref(), Some(expected), "{path}");
        }
    }
}
