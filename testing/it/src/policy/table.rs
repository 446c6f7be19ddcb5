//! The golden table: every action of every service, and who may do it.

use std::fmt::Write;

use access::SIGNED_IN;

use super::{SERVICES, subjects};

/// A row for each action, a column for each subject. Roles and relations are those of somebody signed in.
fn table() -> String {
    let subjects = subjects();
    let names: Vec<&str> = subjects.iter().map(|(name, _)| *name).collect();
    let mut table = format!("{:38} {:5} {}\n", "action", "kind", names.join(" "));
    for action in SERVICES.iter().flat_map(|service| service.policy.actions) {
        let kind = if action.read { "read" } else { "write" };
        let _ = write!(table, "{:38} {kind:5}", action.name);
        for (name, subject) in &subjects {
            let held = subject.with_if(!matches!(*name, "nobody" | "system"), SIGNED_IN);
            let may = action.allow.meets(held) && !action.forbid.meets(held);
            let _ = write!(table, " {:width$}", if may { "x" } else { "." }, width = name.len());
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    table
}

#[test]
fn who_may_do_what_is_what_was_reviewed() {
    insta::assert_snapshot!("who_may_do_what", table());
}
