//! The prefixes that services ask for themselves, also while they have no node.

use std::{
    collections::{BTreeMap, btree_map},
    sync::Arc,
};

use mesh::discovery::View;
use tracing::warn;

use super::file::Route;

/// The prefixes, each of one service.
#[derive(Debug, Default)]
pub(super) struct Claims(BTreeMap<String, Claim>);

/// What a service asks for one of its prefixes.
#[derive(Debug, Clone)]
struct Claim {
    service: Arc<str>,
    body_bytes_max: Option<u64>,
}

impl Claims {
    /// Returns what the services ask for; of a service without a node, what it asked for before. Its paths say that it is
    /// away, and lead to no other service that has a shorter prefix.
    pub(super) fn of(view: &View, before: Option<&Self>) -> Self {
        let mut claims = BTreeMap::new();
        for service in view.services() {
            for route in &service.routes {
                let claim = Claim { service: Arc::clone(&service.name), body_bytes_max: route.body_bytes_max };
                match claims.entry(route.prefix.clone()) {
                    btree_map::Entry::Vacant(place) => drop(place.insert(claim)),
                    btree_map::Entry::Occupied(first) => {
                        let (kept, ignored) = (&*first.get().service, &*service.name);
                        warn!(route.prefix = %route.prefix, service.kept = kept, service.ignored = ignored, "two services claim one route");
                    }
                }
            }
        }
        let before = before.into_iter().flat_map(|before| &before.0);
        for (prefix, claim) in before.filter(|(_, claim)| view.service(&claim.service).is_none()) {
            claims.entry(prefix.clone()).or_insert_with(|| claim.clone());
        }
        Self(claims)
    }

    /// Returns the routes that they make.
    pub(super) fn routes(&self) -> impl Iterator<Item = Route> {
        self.0.iter().map(|(prefix, claim)| Route::of_service(&claim.service, prefix, claim.body_bytes_max))
    }
}
