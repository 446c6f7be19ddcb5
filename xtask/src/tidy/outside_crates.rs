//! Crates of others that only some of ours may use, because they are what a room exists to hide.

use super::{Finding, tree::Tree};

struct Fence {
    crates: &'static [&'static str],
    /// Folders whose crates may use them.
    allowed: &'static [&'static str],
    instead: &'static str,
}

const FENCES: [Fence; 4] = [
    Fence {
        crates: &["rusqlite", "tokio-postgres", "deadpool"],
        // Benchmarks hold ours beside the bare driver; tests make databases to throw away.
        allowed: &["platform/storage", "bench", "testing"],
        instead: "only `storage` speaks to a database",
    },
    Fence {
        crates: &["async-nats"],
        // Benchmarks hold ours beside the bare client.
        allowed: &["platform/messaging", "platform/mesh", "bench"],
        instead: "only `messaging` and `mesh` speak to NATS",
    },
    Fence { crates: &["redis"], allowed: &["platform/cache"], instead: "only `cache` speaks to Redis" },
    Fence {
        crates: &["axum"],
        allowed: &["platform/web", "services", "app", "testing"],
        instead: "only `web`, services, `app` and tests serve pages",
    },
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &tree.members {
        for fence in FENCES.iter().filter(|fence| !fence.allowed.iter().any(|place| member.is_in(place))) {
            let used = member.dependencies.iter().filter(|dependency| fence.crates.contains(&&*dependency.name));
            findings.extend(used.map(|dependency| {
                let message = format!("`{}` uses {}: {}", member.name, dependency.name, fence.instead);
                Finding::new(&member.manifest_path(), member.line_of(&dependency.name), message)
            }));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::{Dependency, Member};

    #[test]
    fn a_driver_outside_storage_is_found() {
        let member = |folder: &str| Member {
            name: "x".to_owned(),
            folder: folder.to_owned(),
            manifest: "[dependencies]\nrusqlite.workspace = true\n".to_owned(),
            dependencies: vec![Dependency { name: "rusqlite".to_owned(), for_tests: false }],
        };
        let tree = Tree { members: vec![member("platform/storage"), member("platform/audit")], ..Tree::default() };
        let found: Vec<_> = check(&tree).into_iter().map(|finding| (finding.path, finding.line)).collect();
        assert_eq!(found, [("platform/audit/Cargo.toml".to_owned(), 2)]);
    }
}
