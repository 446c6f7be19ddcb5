//! The roles that a node can take, as one table.
//!
//! Owns which roles there are and the order in which they start. Never asks whether a node is also something else:
//! what co-located roles share is the business of [`Parts`].
//! Start reading at [`TABLE`].

use anyhow::{Context, Result, bail};
use futures_util::future::BoxFuture;

use crate::parts::Parts;

pub(crate) mod console;
mod files;
pub(crate) mod gateway;
mod identity;
mod notifications;
mod projects;
mod registry;

/// What a process does.
#[derive(Debug, Clone, Copy)]
pub struct NodeRole {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line on what it is for.
    pub purpose: &'static str,
    /// How it starts.
    pub start: Start,
}

/// How a role starts.
#[derive(Debug, Clone, Copy)]
pub enum Start {
    /// By this function, which returns when the role serves.
    With(for<'a> fn(&'a Parts) -> BoxFuture<'a, Result<()>>),
    /// By starting these roles.
    Of(&'static [&'static str]),
}

/// Every role, in the order in which they start: who is looked for first, who looks last.
pub const TABLE: &[NodeRole] = &[
    NodeRole { name: "registry", purpose: "knows which nodes there are", start: Start::With(registry::start) },
    NodeRole { name: "identity", purpose: "people, sign-in, sessions, tokens", start: Start::With(identity::start) },
    NodeRole {
        name: "projects",
        purpose: "cycles, topics, the project's life, import",
        start: Start::With(projects::start),
    },
    NodeRole { name: "files", purpose: "uploads and downloads", start: Start::With(files::start) },
    NodeRole { name: "notifications", purpose: "mail and notices", start: Start::With(notifications::start) },
    NodeRole {
        name: "console",
        purpose: "the operator's pages, error pages, the API's reference",
        start: Start::With(console::start),
    },
    NodeRole { name: "gateway", purpose: "the way in for browsers and programs", start: Start::With(gateway::start) },
    NodeRole {
        name: "all",
        purpose: "all of them, on one machine",
        start: Start::Of(&["registry", "identity", "projects", "files", "notifications", "console", "gateway"]),
    },
];

/// Which services a role calls: what a node may ask of another is decided here, and nowhere else.
pub const CALLS: &[(&str, Callees)] = &[("gateway", Callees::All), (mesh::tls::REGISTRY, Callees::All)];

/// What a role calls.
#[derive(Debug, Clone, Copy)]
pub enum Callees {
    /// Every service.
    All,
    /// These.
    Of(&'static [&'static str]),
}

/// Returns the roles that may call `service`.
pub(crate) fn callers(service: &str) -> impl Iterator<Item = &'static str> {
    let may = move |callees: Callees| match callees {
        Callees::All => true,
        Callees::Of(services) => services.contains(&service),
    };
    CALLS.iter().filter(move |(_, callees)| may(*callees)).map(|(caller, _)| *caller)
}

/// Starts the roles of these names, in the table's order, each once.
pub async fn start(parts: &Parts, names: &[String]) -> Result<()> {
    let wanted = resolve(names)?;
    if let Some((caller, _)) = CALLS.iter().find(|(caller, _)| wanted.contains(caller)) {
        parts.membership().call_as(caller);
    }
    for role in TABLE.iter().filter(|role| wanted.contains(&role.name)) {
        if let Start::With(start) = role.start {
            start(parts).await.with_context(|| format!("starting the role `{}`", role.name))?;
            tracing::info!(role.name = role.name, "role started");
        }
    }
    Ok(())
}

/// Returns the names of the roles that stand behind `names`.
pub(crate) fn resolve(names: &[String]) -> Result<Vec<&'static str>> {
    let mut wanted = Vec::new();
    for name in names {
        match TABLE.iter().find(|role| role.name == name) {
            Some(NodeRole { start: Start::Of(roles), .. }) => wanted.extend_from_slice(roles),
            Some(role) => wanted.push(role.name),
            None => {
                let known: Vec<&str> = TABLE.iter().map(|role| role.name).collect();
                bail!("there is no role `{name}`; the roles are {}", known.join(", "));
            }
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_every_role_there_is() {
        let all = resolve(&["all".to_owned()]).unwrap();
        let single: Vec<&str> =
            TABLE.iter().filter(|role| matches!(role.start, Start::With(_))).map(|role| role.name).collect();
        assert_eq!(all, single);
    }

    #[test]
    fn the_gateway_and_the_registrys_checks_call_services_and_no_service_calls_another() {
        for role in TABLE {
            assert_eq!(callers(role.name).collect::<Vec<_>>(), ["gateway", "registry"], "{}", role.name);
        }
        assert!(CALLS.iter().all(|(caller, _)| TABLE.iter().any(|role| role.name == *caller)));
    }

    #[test]
    fn names_are_unique_and_unknown_ones_refused() {
        let mut names: Vec<&str> = TABLE.iter().map(|role| role.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
        assert!(resolve(&["gatewy".to_owned()]).unwrap_err().to_string().contains("gateway"));
    }
}
