//! What a room may not know: `model/` is pure, and SQL stands in `store/` alone.

use super::{Finding, source::Line, tree::Tree};

/// Words that have no business in `model/`: waiting, I/O, other rooms' libraries, the clock.
const IMPURE: [&str; 12] = [
    "async ",
    ".await",
    "tokio::",
    "axum::",
    "storage::",
    "web::",
    "messaging::",
    "std::fs",
    "std::net",
    "std::process",
    "Ambient",
    ".now()",
];
const SQL: &str = "statements!";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources.iter().filter(|source| source.path.starts_with("services/")) {
        let in_model = is_in_room(&source.path, "model");
        let in_store = is_in_room(&source.path, "store");
        for (number, line) in source.numbered().filter(|(_, line)| !line.in_test) {
            if in_model && let Some(word) = impure(line) {
                let message = format!("`model` is pure, and `{}` is not: move it to `actions` or `store`", word.trim());
                findings.push(Finding::new(&source.path, number, message));
            }
            if !in_store && line.code.contains(SQL) {
                findings.push(Finding::new(
                    &source.path,
                    number,
                    "SQL stands in `store` alone: move the statement there",
                ));
            }
        }
    }
    findings
}

fn impure(line: &Line) -> Option<&'static str> {
    IMPURE.into_iter().find(|word| line.code.contains(word))
}

fn is_in_room(path: &str, room: &str) -> bool {
    let inner = path.splitn(3, '/').nth(2).unwrap_or_default();
    inner == format!("src/{room}.rs") || inner.starts_with(&format!("src/{room}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_awaits_is_found() {
        let found = |path: &str| check(&Tree::of_source(path, "x.await; statements! {}\n")).len();
        assert_eq!(found("services/x/src/model/a.rs"), 2);
        assert_eq!(found("services/x/src/model.rs"), 2);
        assert_eq!(found("services/x/src/actions/a.rs"), 1);
        assert_eq!(found("services/x/src/store/a.rs"), 0);
    }
}
