//! Who may do what: the compiled kernel of every service against its `policy.cedar`, judged by Cedar itself, and the golden
//! table that a reviewer reads.

use access::{NOBODY, Policy, SIGNED_IN, SYSTEM, Subjects};
use contracts::roles::VOCABULARY;

mod agreement;
mod oracle;
mod table;

/// A service's policy, twice: as the product decides by it, and as it is specified.
pub(crate) struct Service {
    pub(crate) policy: &'static Policy,
    cedar: &'static str,
}

pub(crate) static SERVICES: [Service; 5] = [
    Service { policy: &identity::POLICY, cedar: include_str!("../../../services/identity/policy.cedar") },
    Service { policy: &projects::POLICY, cedar: include_str!("../../../services/projects/policy.cedar") },
    Service { policy: &files::POLICY, cedar: include_str!("../../../services/files/policy.cedar") },
    Service { policy: &notifications::POLICY, cedar: include_str!("../../../services/notifications/policy.cedar") },
    Service { policy: &console::POLICY, cedar: include_str!("../../../services/console/policy.cedar") },
];

/// Every subject with its name: built in, role, relation.
fn subjects() -> Vec<(&'static str, Subjects)> {
    let built_in = [("nobody", NOBODY), ("signed_in", SIGNED_IN), ("system", SYSTEM)];
    built_in
        .into_iter()
        .chain(VOCABULARY.roles().iter().copied())
        .chain(VOCABULARY.relations().iter().copied())
        .collect()
}

#[test]
fn every_service_with_a_policy_is_held_to_it() {
    let services = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services");
    let mut with_policy: Vec<String> = std::fs::read_dir(services)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|service| service.join("src/policy.rs").exists() || service.join("policy.cedar").exists())
        .map(|service| service.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    with_policy.sort();
    let mut held: Vec<&str> = SERVICES.iter().map(|service| service.policy.service).collect();
    held.sort_unstable();
    assert_eq!(with_policy, held);
}
