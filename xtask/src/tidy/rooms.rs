//! A service has the same rooms as every other, and no others.

use super::{Finding, tree::Tree};

const ROOMS: [&str; 6] = ["model", "actions", "store", "api", "pages", "jobs"];
const FILES: [&str; 6] = ["lib", "error", "policy", "routes", "settings", "metrics"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let strange = tree.service_rooms.iter().filter(|(_, name)| {
        let file = name.strip_suffix(".rs");
        let room = file.unwrap_or(name);
        !ROOMS.contains(&room) && !file.is_some_and(|stem| FILES.contains(&stem))
    });
    let message =
        || format!("no room of a service: move it into one of {}, {}.rs", ROOMS.join(", "), FILES.join(".rs, "));
    strange.map(|(path, _)| Finding::new(path, 1, message())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_rooms_are_let_in() {
        let names = ["lib.rs", "model", "model.rs", "jobs.rs", "policy.rs", "handlers", "policy"];
        let service_rooms = names.map(|name| (format!("services/x/src/{name}"), name.to_owned())).to_vec();
        let found: Vec<String> =
            check(&Tree { service_rooms, ..Tree::default() }).into_iter().map(|it| it.path).collect();
        assert_eq!(found, ["services/x/src/handlers", "services/x/src/policy"]);
    }
}
